package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the figures of one agent for a rule whose condition is {@link Condition.Windowed}. Each
 * window is looked at as often as {@link Windows#step} says; a look between two of these says of
 * the window what the one before said.
 *
 * <p>What the baseline holds is computed once an hour and again when the figures have changed. One
 * thread.
 */
public final class Evaluator {
  private final Series series;
  private final List<Duration> windows;
  private final Judge judge;
  private final double level;
  private List<Result> results = List.of();
  private long version = -1;
  private List<TimeSpan> leftOut = List.of();

  /**
   * Makes an evaluator.
   *
   * @param agents how many agents the rule is looked at for; they share its false alarms
   * @throws IllegalArgumentException if the rule's condition has no windows
   */
  public Evaluator(AlertRule rule, int agents, Series series) {
    if (!(rule.condition() instanceof Condition.Windowed condition)) {
      throw new IllegalArgumentException(rule.name() + " has no windows");
    }
    this.series = series;
    windows = condition.windows().stream().sorted().toList();
    judge = judge(condition, series);
    level = Budget.level(rule.falseAlarms(), condition, agents, judge.tests());
  }

  private static Judge judge(Condition.Windowed condition, Series series) {
    if (condition instanceof Condition.FailureRate rate) {
      return rate.unit() == Condition.Unit.REQUEST
          ? new ShareJudge(
              series,
              rate.baseline(),
              Slot::rootsFailed,
              Slot::roots,
              rate.minCount(),
              rate.max(),
              "failed")
          : new ShareJudge(
              series,
              rate.baseline(),
              Slot::failed,
              Slot::ended,
              rate.minCount(),
              rate.max(),
              "failed");
    }
    if (condition instanceof Condition.PatternViolations pattern) {
      return new ShareJudge(
          series,
          pattern.baseline(),
          Slot::violations,
          Slot::assessed,
          pattern.minCount(),
          pattern.max(),
          "did not have the stages of their pattern");
    }
    if (condition instanceof Condition.Latency latency) {
      return new LatencyJudge(series, latency);
    }
    return condition instanceof Condition.Quality quality
        ? new QualityJudge(series, quality)
        : new TrafficJudge(series, (Condition.NoTraffic) condition);
  }

  /** Returns the probability below which a test says that a window is worse. */
  public double level() {
    return level;
  }

  /**
   * Looks.
   *
   * @param at the time; the whole five minutes before it are the newest that count
   * @param leftOut when the rule fired for this agent or was muted, in any order
   */
  public Look look(Instant at, List<TimeSpan> leftOut) {
    List<Result> all = results(at, leftOut);
    Result told = worst(all);
    return new Look(
        floor(at, Windows.SLOT),
        told.verdict(),
        told.isBack().getAsBoolean(),
        told.evidence().get());
  }

  /** Returns what {@link #look} would say, without the evidence, in a tenth of the time. */
  public Look.Verdict verdict(Instant at, List<TimeSpan> leftOut) {
    return worst(results(at, leftOut)).verdict();
  }

  private List<Result> results(Instant at, List<TimeSpan> spans) {
    boolean isSame = version == series.version() && leftOut.equals(spans);
    List<Result> found = new ArrayList<>(windows.size());
    for (int i = 0; i < windows.size(); i++) {
      Instant to = floor(at, Windows.step(windows.get(i)));
      found.add(
          isSame && i < results.size() && results.get(i).to().equals(to)
              ? results.get(i)
              : judge.judge(windows.get(i), to, spans, level));
    }
    version = series.version();
    leftOut = List.copyOf(spans);
    results = found;
    return found;
  }

  private static Instant floor(Instant at, Duration step) {
    return Instant.ofEpochSecond(
        Math.floorDiv(at.getEpochSecond(), step.toSeconds()) * step.toSeconds());
  }

  /**
   * Chooses among windows that are worse the one looked at last, and the shortest of these: it is
   * the first to see the cure. Among windows that are fine, it chooses the shortest too.
   */
  private static Result worst(List<Result> all) {
    Result found = all.get(0);
    for (Result each : all) {
      boolean isWorse = each.verdict() == Look.Verdict.WORSE;
      boolean replaces =
          switch (found.verdict()) {
            case WORSE -> isWorse && each.to().isAfter(found.to());
            case FINE -> isWorse;
            default -> each.verdict() != Look.Verdict.LEARNING;
          };
      if (replaces) {
        found = each;
      }
    }
    return found;
  }
}

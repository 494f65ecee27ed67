package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Budget;
import io.agentlog.insight.evaluate.Evaluator;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.evaluate.Slot;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Texts;
import io.agentlog.insight.rules.Windows;
import io.agentlog.insight.statistics.BinCounts;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.ExactTests;
import io.agentlog.insight.statistics.Scales;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which change a rule would see at an agent's real traffic. The rule's own tests are asked about
 * windows that are made up and stand after the newest figures: with as many executions as such a
 * window has on average, of which more and more are bad. One thread.
 */
public final class Visibility {
  /** How often a change has to be seen to count as one that is. */
  private static final double POWER = 0.95;

  private static final Duration RECENT = Duration.ofDays(7);
  private static final int STEPS = 40;

  private final AlertRule rule;
  private final Condition.Windowed condition;
  private final int agents;
  private final Series series;
  private final Instant now;

  private Visibility(
      AlertRule rule, Condition.Windowed condition, int agents, Series series, Instant now) {
    this.rule = rule;
    this.condition = condition;
    this.agents = agents;
    this.series = series;
    this.now = now.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
  }

  /**
   * The smallest worsening that a rule sees in a window of one length.
   *
   * @param executions that such a window had on average in the last 7 days
   * @param usual what the rule compares with: a share, microseconds, a score or a number; null
   *     without a baseline
   * @param limit from which on an execution counts as slow, in microseconds; null for other kinds
   * @param seenFrom share of bad executions that is seen in 95 of 100 cases; null if none is
   * @param problem why nothing is seen; null if something is
   */
  public record Window(
      Duration length,
      long executions,
      @Nullable Double usual,
      @Nullable Double limit,
      @Nullable Double seenFrom,
      @Nullable String problem) {}

  /**
   * Returns what a rule with windows sees.
   *
   * @param agents that the rule is looked at for
   * @param series the agent's figures; hours after {@code now} are overwritten
   */
  public static List<Window> of(AlertRule rule, int agents, Series series, Instant now) {
    if (!(rule.condition() instanceof Condition.Windowed condition)) {
      return List.of();
    }
    Visibility visibility = new Visibility(rule, condition, agents, series, now);
    series.setRunning(new Bins());
    return condition.windows().stream().map(visibility::window).toList();
  }

  /** Returns a rule with one of the windows, whose tests are as sure as those of the whole. */
  private Evaluator evaluator(Duration window) {
    Condition.Windowed one = with(List.of(window));
    double part = (double) Budget.looksPerWeek(one) / Budget.looksPerWeek(condition);
    return new Evaluator(
        new AlertRule(
            rule.name(),
            rule.agents(),
            one,
            rule.falseAlarms() * part,
            rule.channels(),
            rule.repeat(),
            rule.keepFiring(),
            rule.cooldown(),
            rule.labels(),
            rule.hash()),
        agents,
        series);
  }

  private Condition.Windowed with(List<Duration> windows) {
    if (condition instanceof Condition.FailureRate c) {
      return new Condition.FailureRate(windows, c.baseline(), c.minCount(), c.max(), c.unit());
    }
    if (condition instanceof Condition.Latency c) {
      return new Condition.Latency(
          windows,
          c.baseline(),
          c.minCount(),
          c.quantile(),
          c.max(),
          c.minRatio(),
          c.minIncrease());
    }
    if (condition instanceof Condition.Quality c) {
      return new Condition.Quality(windows, c.baseline(), c.minCount(), c.minEffect());
    }
    if (condition instanceof Condition.PatternViolations c) {
      return new Condition.PatternViolations(windows, c.baseline(), c.minCount(), c.max());
    }
    return new Condition.NoTraffic(windows, condition.baseline());
  }

  private Window window(Duration length) {
    long hours = Math.max(1, length.plusMinutes(59).toHours());
    Instant to = now.plus(hours, ChronoUnit.HOURS);
    Evaluator evaluator = evaluator(length);
    Made made = new Made(length, to, evaluator);
    try {
      made.put(0, 0);
      Look look = evaluator.look(to, List.of());
      Evidence evidence = look.evidence();
      if (look.verdict() == Look.Verdict.LEARNING || evidence == null) {
        String summary = evidence == null ? "there are no figures" : evidence.summary();
        return new Window(length, 0, null, null, null, summary);
      }
      Evidence.Past past = evidence.baseline();
      made.limit = evidence.limit();
      long n = recent(length);
      Double usual = past == null ? null : past.value();
      if (condition instanceof Condition.NoTraffic) {
        boolean seen = look.verdict() == Look.Verdict.WORSE;
        return new Window(
            length, n, usual, null, seen ? 1.0 : null, seen ? null : "too few executions");
      }
      Double limit = condition instanceof Condition.Latency ? made.limit : null;
      Long least = made.least(n);
      return least == null
          ? new Window(length, n, usual, limit, null, "too few executions")
          : new Window(length, n, usual, limit, shareFor(least, n), null);
    } finally {
      made.clear();
    }
  }

  /** Returns how many executions a window had on average in the last days. */
  private long recent(Duration length) {
    long[] sum = new long[1];
    series.window(now, RECENT, slot -> sum[0] += counted(slot));
    return sum[0] * length.toMinutes() / RECENT.toMinutes();
  }

  private long counted(Slot slot) {
    if (condition instanceof Condition.FailureRate rate) {
      return rate.unit() == Condition.Unit.REQUEST ? slot.roots() : slot.ended();
    }
    return condition instanceof Condition.PatternViolations
        ? slot.assessed()
        : condition instanceof Condition.Quality ? slot.qualities().total() : slot.ended();
  }

  /** Returns the least share of which {@code k} of {@code n} are seen in 95 of 100 windows. */
  private static double shareFor(long k, long n) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < STEPS; i++) {
      double middle = (low + high) / 2;
      if (ExactTests.binomial(k, n, middle) >= POWER) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** A window that is made up. */
  private final class Made {
    private final Duration length;
    private final Instant to;
    private final Evaluator evaluator;
    private final int slots;
    private final Bins usualScores = new Bins();
    private @Nullable Double limit;

    Made(Duration length, Instant to, Evaluator evaluator) {
      this.length = length;
      this.to = to;
      this.evaluator = evaluator;
      this.slots = (int) length.dividedBy(Windows.SLOT);
      if (condition instanceof Condition.Quality) {
        series.window(now, RECENT, slot -> slot.qualities().addTo(usualScores));
      }
    }

    /** Returns how many of {@code n} have to be bad; null if all of them are not enough. */
    @Nullable Long least(long n) {
      if (n < 1 || !isSeen(n, n)) {
        return null;
      }
      long low = 0;
      long high = n;
      while (high - low > 1) {
        long middle = (low + high) / 2;
        if (isSeen(middle, n)) {
          high = middle;
        } else {
          low = middle;
        }
      }
      return high;
    }

    private boolean isSeen(long k, long n) {
      put(k, n);
      return evaluator.verdict(to, List.of()) == Look.Verdict.WORSE;
    }

    void put(long k, long n) {
      for (int i = 0; i < slots; i++) {
        long bad = part(k, i);
        long all = bad + part(n - k, i);
        series.putSlot(
            to.minus(length).plus(Windows.SLOT.multipliedBy(i)),
            new Slot(all, bad, all, bad, 0, all, bad, durations(bad, all), qualities(k, n, i)));
      }
    }

    void clear() {
      for (int i = 0; i < slots; i++) {
        series.putSlot(to.minus(length).plus(Windows.SLOT.multipliedBy(i)), Slot.EMPTY);
      }
    }

    /** Returns what of a whole falls on a slot, so that all of them have it together. */
    private long part(long whole, int slot) {
      return whole * (slot + 1) / slots - whole * slot / slots;
    }

    /** The slow ones are a little over the limit, the others far under it. */
    private BinCounts durations(long slow, long all) {
      if (limit == null || !(condition instanceof Condition.Latency)) {
        return BinCounts.EMPTY;
      }
      int bin = Scales.durationBin(Math.round(limit)) + 2;
      Bins durations = new Bins();
      durations.add(bin, slow);
      durations.add(bin / 2, all - slow);
      return BinCounts.of(durations);
    }

    /** The bad ones are 0, the others as usual. */
    private BinCounts qualities(long k, long n, int slot) {
      Bins qualities = new Bins();
      long total = usualScores.total();
      if (total > 0) {
        qualities.add(0, part(k, slot));
        long before = 0;
        for (int bin = 0; bin < usualScores.end(); bin++) {
          long next = before + usualScores.count(bin);
          qualities.add(bin, part((n - k) * next / total - (n - k) * before / total, slot));
          before = next;
        }
      }
      return BinCounts.of(qualities);
    }
  }

  /** Returns one sentence for a person, without the agent's name. */
  public static String text(Condition.Windowed condition, List<Window> windows) {
    String problem = windows.get(0).problem();
    if (problem != null && windows.stream().allMatch(each -> problem.equals(each.problem()))) {
      List<String> lengths = windows.stream().map(each -> Texts.of(each.length())).toList();
      return "nothing is seen within %s: %s".formatted(String.join(" and ", lengths), problem);
    }
    List<String> parts = new ArrayList<>();
    windows.forEach(window -> parts.add(VisibilityText.of(condition, window)));
    return VisibilityText.usual(condition, windows) + String.join(", ", parts);
  }
}

package io.agentlog.insight.backtest;

import io.agentlog.config.Config;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks at history by the rules of a file. One thread. */
public final class Backtest {
  /** The longest window that consists of five minutes. */
  private static final Duration SLOTS = Duration.ofHours(12);

  private final Config config;
  private final Rules rules;
  private final Duration length;
  private final int shuffles;

  /**
   * Makes one.
   *
   * @param length how much of the past is looked at; the baselines need more before that
   * @param shuffles how many histories without changes are looked at too
   */
  public Backtest(Config config, Rules rules, Duration length, int shuffles) {
    this.config = config;
    this.rules = rules;
    this.length = length;
    this.shuffles = shuffles;
  }

  /**
   * Outcome of a rule.
   *
   * @param problem why it was not looked at; null if it was
   * @param agents it was looked at for
   * @param learning of these: with too little to compare with to the end
   * @param falseAlarms null without shuffles
   */
  public record RuleOutcome(
      AlertRule rule,
      @Nullable String problem,
      List<String> agents,
      List<String> learning,
      List<Replay.Alarm> alarms,
      @Nullable FalseAlarms falseAlarms) {}

  /**
   * Outcome of all rules.
   *
   * @param executions that were read
   * @param leftOut agents beyond the limit
   */
  public record Report(
      Instant from,
      Instant to,
      long executions,
      List<String> leftOut,
      List<RuleOutcome> rules,
      String place) {}

  /** Is told what is done. */
  public interface Progress {
    void line(String line);
  }

  /**
   * Reads and looks.
   *
   * @param now the end of the history
   */
  public Report run(Instant now, Progress progress) throws SinkUnavailableException {
    Instant to = now.truncatedTo(ChronoUnit.HOURS);
    Instant from = to.minus(length).truncatedTo(ChronoUnit.HOURS);
    Instant hoursFrom = from.minus(longestBaseline()).truncatedTo(ChronoUnit.HOURS);
    Instant slotsFrom = shuffles > 0 ? hoursFrom : from.minus(SLOTS);
    TreeSet<String> leftOut = new TreeSet<>();
    try (HistoryRows rows = new HistoryRows(config)) {
      Map<String, Series> series = rows.read(this::isMeant, hoursFrom, slotsFrom, to, leftOut);
      progress.line(
          "read %s executions of %s agents since %s"
              .formatted(rows.rowsRead(), Integer.toString(series.size()), hoursFrom));
      List<RuleOutcome> outcomes = new ArrayList<>();
      for (AlertRule rule : rules.alerts()) {
        outcomes.add(outcome(rule, series, from, to));
      }
      return new Report(from, to, rows.rowsRead(), List.copyOf(leftOut), outcomes, rows.place());
    }
  }

  private boolean isMeant(String agent) {
    return rules.alerts().stream()
        .anyMatch(
            rule ->
                HistoryRows.problem(rule.condition()) == null
                    && AgentNames.match(rule.agents(), agent));
  }

  private Duration longestBaseline() {
    Duration longest = SLOTS;
    for (AlertRule rule : rules.alerts()) {
      if (rule.condition() instanceof Condition.Windowed windowed) {
        Baseline baseline = windowed.baseline();
        if (baseline != null && baseline.length().compareTo(longest) > 0) {
          longest = baseline.length();
        }
      }
    }
    return longest;
  }

  private RuleOutcome outcome(
      AlertRule rule, Map<String, Series> series, Instant from, Instant to) {
    String problem = HistoryRows.problem(rule.condition());
    if (problem != null) {
      return new RuleOutcome(rule, problem, List.of(), List.of(), List.of(), null);
    }
    List<Series> agents =
        series.values().stream()
            .filter(each -> AgentNames.match(rule.agents(), each.agent()))
            .toList();
    Replay replay = new Replay(rule, rules.mutes(), agents.size(), from, to);
    List<Replay.Alarm> alarms = new ArrayList<>();
    List<String> learning = new ArrayList<>();
    for (Series agent : agents) {
      Replay.Outcome outcome = replay.of(agent);
      alarms.addAll(outcome.alarms());
      if (outcome.isLearning()) {
        learning.add(agent.agent());
      }
    }
    FalseAlarms falseAlarms =
        shuffles == 0 ? null : FalseAlarms.of(replay, agents, from, to, shuffles);
    return new RuleOutcome(
        rule, null, agents.stream().map(Series::agent).toList(), learning, alarms, falseAlarms);
  }
}

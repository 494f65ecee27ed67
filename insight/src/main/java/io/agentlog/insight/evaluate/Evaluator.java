package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.AlertRule;
import java.time.Instant;
import java.util.List;

/**
 * Looks at the figures of one agent for a rule whose condition is {@link
 * io.agentlog.insight.rules.Condition.Windowed}. Each window is looked at as often as {@link
 * io.agentlog.insight.rules.Windows#step} says; a look between two of these says of the window what
 * the one before said.
 *
 * <p>What the baseline holds is computed once an hour and again when the figures have changed. One
 * thread.
 */
public final class Evaluator {
  private final AlertRule rule;
  private final int agents;
  private final Series series;

  /**
   * Makes an evaluator.
   *
   * @param agents how many agents the rule is looked at for; they share its false alarms
   */
  public Evaluator(AlertRule rule, int agents, Series series) {
    this.rule = rule;
    this.agents = agents;
    this.series = series;
  }

  /**
   * Looks.
   *
   * @param at the time; the whole five minutes before it are the newest that count
   * @param leftOut when the rule fired for this agent or was muted, in any order
   */
  public Look look(Instant at, List<TimeSpan> leftOut) {
    throw new UnsupportedOperationException(
        rule.name() + agents + series.agent() + at + leftOut.size());
  }
}

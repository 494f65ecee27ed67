package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Windows;
import java.time.Duration;

/**
 * How sure each test has to be for a rule to keep its number of false alarms: looks are many, and
 * each is a chance for a false one. Their sum is at most the number wanted, however much windows
 * overlap (Bonferroni).
 */
public final class Budget {
  private static final Duration WEEK = Duration.ofDays(7);

  private Budget() {}

  /** Returns how often the windows of a condition are looked at in a week, for one agent. */
  public static long looksPerWeek(Condition.Windowed condition) {
    return condition.windows().stream()
        .mapToLong(window -> WEEK.dividedBy(Windows.step(window)))
        .sum();
  }

  /**
   * Returns the probability below which a window is worse than chance.
   *
   * @param falseAlarms a week, of the whole rule
   * @param agents that share them, 1 at least
   * @param tests of one look at a window
   */
  public static double level(
      double falseAlarms, Condition.Windowed condition, int agents, int tests) {
    return falseAlarms / ((double) looksPerWeek(condition) * Math.max(1, agents) * tests);
  }
}

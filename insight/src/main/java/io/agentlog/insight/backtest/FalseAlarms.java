package io.agentlog.insight.backtest;

import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.statistics.Interval;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;

/**
 * How often a rule raises alerts in a history without changes: the user's own, with its weeks in
 * random order hour by hour.
 *
 * @param weeks that were looked at, of all agents of the rule together
 * @param alarmed of these: with an alert
 */
public record FalseAlarms(long weeks, long alarmed) {
  private static final Duration WEEK = Duration.ofDays(7);

  /** Looks at as many shuffled histories as asked for. */
  static FalseAlarms of(
      Replay replay, Collection<Series> agents, Instant from, Instant to, int shuffles) {
    int weeks = (int) Math.max(1, Duration.between(from, to).toSeconds() / WEEK.toSeconds());
    long alarmed = 0;
    for (int shuffle = 0; shuffle < shuffles; shuffle++) {
      BitSet ofRule = new BitSet();
      for (Series agent : agents) {
        long seed = shuffle * 1_000_003L + agent.agent().hashCode();
        for (Replay.Alarm alarm : replay.of(agent.shuffled(to, seed)).alarms()) {
          long seconds = Duration.between(from, alarm.begin()).toSeconds();
          ofRule.set((int) Math.min(weeks - 1, seconds / WEEK.toSeconds()));
        }
      }
      alarmed += ofRule.cardinality();
    }
    return new FalseAlarms((long) shuffles * weeks, alarmed);
  }

  /** Returns the share of weeks with an alert. */
  public double share() {
    return (double) alarmed / weeks;
  }

  /** Returns where that share lies with 95 % confidence. */
  public Interval interval() {
    return Interval.exact(alarmed, weeks);
  }
}

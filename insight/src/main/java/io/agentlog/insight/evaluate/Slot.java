package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.BinCounts;

/**
 * The executions of an agent that ended in five minutes, or in an hour.
 *
 * @param ended real ends, of any status
 * @param failed of ended
 * @param roots of ended: without a parent
 * @param rootsFailed of failed: without a parent
 * @param provisional ends that a real end may still replace; not in ended
 * @param assessed of ended: checked against a pattern of stages
 * @param violations of assessed: not as the pattern declares
 * @param durations of ended, by bins of {@link io.agentlog.insight.statistics.Scales#micros}
 * @param qualities of ended, by bins of {@link io.agentlog.insight.statistics.Scales#quality}
 */
public record Slot(
    long ended,
    long failed,
    long roots,
    long rootsFailed,
    long provisional,
    long assessed,
    long violations,
    BinCounts durations,
    BinCounts qualities) {
  /** Nothing ended. */
  public static final Slot EMPTY = new Slot(0, 0, 0, 0, 0, 0, 0, BinCounts.EMPTY, BinCounts.EMPTY);
}

package io.agentlog.insight.page;

import io.agentlog.insight.statistics.Interval;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the executions that ended in a window. A provisional end, which a real one may still
 * replace, is counted in {@code provisional} and nowhere else.
 *
 * @param ended real ends
 * @param roots of {@code ended}: without a parent, so one for each request
 * @param failureRate failed of ended; null if none ended
 * @param failureInterval of that rate, with 95 % confidence
 * @param meanMicros of the durations
 * @param scored of ended: with a quality score
 * @param used by all that ended, provisional ends among them
 */
public record Summary(
    long ended,
    long succeeded,
    long failed,
    long cancelled,
    long provisional,
    long roots,
    long rootsFailed,
    @Nullable Double failureRate,
    @Nullable Interval failureInterval,
    @Nullable Long meanMicros,
    @Nullable Long p50Micros,
    @Nullable Long p95Micros,
    @Nullable Long p99Micros,
    long scored,
    @Nullable Double qualityMean,
    @Nullable Double qualityP10,
    UsageSum used) {
  /** Returns the interval of the failure rate for the reader, such as {@code 1.2–3.4 %}. */
  public String failureRange() {
    return failureInterval == null
        ? ""
        : Format.decimals(100 * failureInterval.low(), 1)
            + "–"
            + Format.decimals(100 * failureInterval.high(), 1)
            + " %";
  }
}

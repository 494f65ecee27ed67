package io.agentlog.insight.gate;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits of an agent. Null is no limit.
 *
 * @param minQuality lowest mean of {@code quality_score}, 0 to 1
 * @param maxFailureRate highest share of failures, 0 to 1
 * @param maxP95 highest 95 % quantile of durations
 * @param maxUnfinished highest share of executions without an end of their own, 0 to 1
 * @param minAutoScore lowest mean of the scores by rules, 0 to 1
 * @param maxViolations highest share of executions that deviate from their pattern, 0 to 1
 * @param maxStageP95 highest 95 % quantile of stages' durations, by stage
 * @param maxDrop how much worse than the baseline an agent may be: difference of shares or scores
 * @param minCount executions below which nothing is said; at least 1
 * @param isSure whether a value has to exceed its limit by more than chance explains
 */
public record Limits(
    @Nullable BigDecimal minQuality,
    @Nullable BigDecimal maxFailureRate,
    @Nullable Duration maxP95,
    @Nullable BigDecimal maxUnfinished,
    @Nullable BigDecimal minAutoScore,
    @Nullable BigDecimal maxViolations,
    Map<String, Duration> maxStageP95,
    BigDecimal maxDrop,
    int minCount,
    boolean isSure) {
  /** Returns whether there is no absolute limit. */
  public boolean isEmpty() {
    return minQuality == null
        && maxFailureRate == null
        && maxP95 == null
        && maxUnfinished == null
        && minAutoScore == null
        && maxViolations == null
        && maxStageP95.isEmpty();
  }
}

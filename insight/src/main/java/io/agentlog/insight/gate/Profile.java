package io.agentlog.insight.gate;

import io.agentlog.insight.statistics.Bins;
import org.jspecify.annotations.Nullable;

/**
 * An agent in a baseline: counts, no values and no text.
 *
 * @param ended executions that ended for good
 * @param failed of them those that failed
 * @param durations by bins of {@code Scales.micros}
 * @param qualities scores by bins of {@code Scales.quality}
 * @param qualitySum of all scores, in millionths
 */
record Profile(long ended, long failed, Bins durations, Bins qualities, long qualitySum) {
  /** Returns the mean score; null without scores. */
  @Nullable Double qualityMean() {
    return qualities.total() == 0
        ? null
        : (double) qualitySum / qualities.total() / AgentRows.SCORE_UNIT;
  }
}

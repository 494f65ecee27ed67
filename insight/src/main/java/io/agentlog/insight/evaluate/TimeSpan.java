package io.agentlog.insight.evaluate;

import java.time.Instant;

/**
 * A time that baselines leave out: an alert of the rule was firing, or the rule was muted.
 *
 * @param to exclusive
 */
public record TimeSpan(Instant from, Instant to) {}

package io.agentlog.event;

import org.jspecify.annotations.Nullable;

/**
 * The values that a routing decision's paths yielded. An unknown number is NaN.
 *
 * @param alternatives a JSON value
 * @param routingTimeMillis how long the deciding method ran
 */
public record DecisionValues(
    @Nullable String agent,
    double confidence,
    @Nullable String strategy,
    @Nullable String reasoning,
    @Nullable Object alternatives,
    double trigger,
    double context,
    double capability,
    double historical,
    int routingTimeMillis) {}

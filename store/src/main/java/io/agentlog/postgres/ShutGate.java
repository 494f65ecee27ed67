package io.agentlog.postgres;

import org.jspecify.annotations.Nullable;

/**
 * The partition that is furthest behind of those that keep the JVM which is silent for longest from
 * being judged.
 *
 * @param topic null if the fleet has no partition of events at all
 * @param untilMillis broker's time up to which it was read; null if it never was
 * @param instanceCount JVMs that are silent for too long
 * @param heardMillis broker's time since which the first of them is silent
 */
public record ShutGate(
    @Nullable String topic,
    int partition,
    @Nullable Long untilMillis,
    long instanceCount,
    long heardMillis) {}

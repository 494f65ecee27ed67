package io.agentlog.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Progress in a partition of events.
 *
 * @param recordMillis broker's time of its last record; null if there was none
 * @param idleMillis broker's time of the heartbeat that was known before the partition was found to
 *     have no further record; null if it was not
 * @param idleOffset offset after that heartbeat; null with {@code idleMillis}
 */
public record TopicProgress(
    String topic,
    int partition,
    @Nullable Long recordMillis,
    @Nullable Long idleMillis,
    @Nullable Long idleOffset) {}

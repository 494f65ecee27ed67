package io.agentlog.postgres;

/**
 * Heartbeats of all JVMs that were read without a gap.
 *
 * @param nextOffset of the record that continues them
 * @param sinceMillis broker's time of the first
 * @param lastMillis broker's time of the last
 */
public record ReadHeartbeats(long nextOffset, long sinceMillis, long lastMillis) {}

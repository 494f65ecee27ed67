package io.agentlog.postgres;

/**
 * How far a fleet's heartbeats have been read.
 *
 * @param nextOffset of the record that was not read yet
 * @param lastMillis broker's time of the last one that was
 */
public record HeartbeatPosition(long nextOffset, long lastMillis) {}

package io.agentlog.connect;

/**
 * A point in the topic of heartbeats, which serves all partitions as one clock.
 *
 * @param millis broker's time of the last heartbeat that was read
 * @param offset of the heartbeat that follows it
 */
record IdleMark(long millis, long offset) {}

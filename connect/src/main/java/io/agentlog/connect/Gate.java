package io.agentlog.connect;

import java.util.Collection;

/**
 * Decides which JVMs are gone. JVMs that write to Kafka alone don't talk to the database, so the
 * task that reads their heartbeats judges them, by the broker's times alone.
 *
 * <p>A JVM is gone when others were heard for long after its last heartbeat, or when it said that
 * it ended; and only once all its events have been read, because what it left unread may hold the
 * ends of its executions. A backlog of the connector delays heartbeats and events alike, so it ends
 * nobody's executions. A JVM that is heard again is alive again.
 *
 * @param silenceMillis longest silence of a JVM that lives. It sends every 10 s; a pause, a broker
 *     that is away for a moment and the clock of another broker may come together
 * @param tailMillis how far each partition must have been read after a JVM's last heartbeat: its
 *     last events come after it, and the clocks of two brokers differ
 */
record Gate(long silenceMillis, long tailMillis) {
  /** A lease of 30 s, as a JVM has at the database, and a minute. */
  static final Gate DEFAULT = new Gate(90_000, 60_000);

  /** Returns whether a JVM that did not say that it ended is gone. */
  boolean isSilent(
      long heartbeatMillis, HeartbeatRun run, Collection<PartitionProgress> partitions) {
    // Before the run there may have been heartbeats, and events, that nobody has read.
    long heard = Math.max(heartbeatMillis, run.sinceMillis());
    return run.lastMillis() - heard > silenceMillis
        && !partitions.isEmpty()
        && partitions.stream().allMatch(p -> p.hasPassed(heard + tailMillis));
  }

  /**
   * Returns whether a JVM is gone whose last heartbeat said that it ended.
   *
   * @param endOffset offset of that heartbeat, which came after all its events
   */
  boolean isEnded(long heartbeatMillis, long endOffset, Collection<PartitionProgress> partitions) {
    return !partitions.isEmpty()
        && partitions.stream()
            .allMatch(p -> p.isIdleSince(endOffset) || p.hasPassed(heartbeatMillis + tailMillis));
  }
}

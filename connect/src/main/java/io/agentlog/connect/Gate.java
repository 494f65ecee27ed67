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
 */
final class Gate {
  /**
   * Longest silence of a JVM that lives: it sends every 10 s, up to 60 s later while its events
   * find no leader.
   */
  static final long LEASE_MILLIS = 30_000;

  /** What is given beyond {@link #LEASE_MILLIS}, unless the configuration says otherwise. */
  static final long GRACE_MILLIS = 60_000;

  /**
   * How far each partition must have been read after a JVM's last heartbeat: events of its last
   * seconds come after it, and the clocks of two brokers differ.
   */
  static final long TAIL_MILLIS = 60_000;

  private Gate() {}

  /** Returns whether a JVM that said nothing else is gone. */
  static boolean isSilent(
      long heartbeatMillis,
      HeartbeatRun run,
      long graceMillis,
      Collection<PartitionProgress> partitions) {
    // Before the run there may have been heartbeats, and events, that nobody has read.
    long heard = Math.max(heartbeatMillis, run.sinceMillis());
    return run.lastMillis() - heard > LEASE_MILLIS + graceMillis
        && !partitions.isEmpty()
        && partitions.stream().allMatch(p -> p.hasPassed(heard + TAIL_MILLIS));
  }

  /**
   * Returns whether a JVM is gone whose last heartbeat said that it ended.
   *
   * @param endOffset offset of that heartbeat, which came after all its events
   */
  static boolean isEnded(
      long heartbeatMillis, long endOffset, Collection<PartitionProgress> partitions) {
    return !partitions.isEmpty()
        && partitions.stream()
            .allMatch(p -> p.isIdleSince(endOffset) || p.hasPassed(heartbeatMillis + TAIL_MILLIS));
  }
}

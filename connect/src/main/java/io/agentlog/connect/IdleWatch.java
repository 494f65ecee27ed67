package io.agentlog.connect;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds partitions that have no further record. A poll without a record of a partition proves
 * little: its records may be fetched and wait behind others, or the fetch may be under way. A
 * partition counts as idle after several polls that left nothing behind, and some time in polls.
 *
 * <p>An idle partition has been read up to the heartbeat that was known when the watch began. No
 * clock of a worker is compared with a broker's. A partition that has lost its leader looks idle,
 * too; what it held then is read when the leader is back.
 *
 * <p>Not thread-safe.
 *
 * @param <P> a partition
 */
final class IdleWatch<P> {
  /** Time in polls, several times what a broker takes to answer a fetch. */
  static final long POLLING_NANOS = 5_000_000_000L;

  /** Polls that left nothing behind. */
  static final int LIGHT_POLLS = 3;

  /** A poll with as many records may have left some behind, whatever the consumer's limit is. */
  static final int LIGHT_RECORDS_MAX = 100;

  private final Map<P, Watch> watches = new HashMap<>();

  /** Begins to watch the partitions that a task has now, and forgets all others. */
  void assign(Set<P> partitions) {
    watches.keySet().retainAll(partitions);
    partitions.forEach(partition -> watches.putIfAbsent(partition, new Watch(null, 0, 0)));
  }

  /**
   * Takes a poll whose records are written.
   *
   * @param recordCount of all partitions
   * @param partitions those that had records
   * @param known the last heartbeat that was known before the next poll; null if there is none
   * @param pollingNanos how long the poll took
   * @return idle partitions, and up to where each has been read
   */
  Map<P, IdleMark> polled(
      int recordCount, Set<P> partitions, @Nullable IdleMark known, long pollingNanos) {
    Map<P, IdleMark> idle = new HashMap<>();
    boolean isLight = recordCount < LIGHT_RECORDS_MAX;
    for (P partition : new HashSet<>(watches.keySet())) {
      Watch watch = watches.getOrDefault(partition, new Watch(null, 0, 0));
      if (partitions.contains(partition) || watch.since() == null) {
        watches.put(partition, new Watch(known, 0, 0));
        continue;
      }
      Watch next =
          new Watch(
              watch.since(), watch.lightPolls() + (isLight ? 1 : 0), watch.nanos() + pollingNanos);
      if (next.lightPolls() >= LIGHT_POLLS && next.nanos() >= POLLING_NANOS) {
        idle.put(partition, watch.since());
        next = new Watch(known, 0, 0);
      }
      watches.put(partition, next);
    }
    return idle;
  }

  /**
   * The watch on one partition.
   *
   * @param since the last heartbeat that was known when the watch began; null if none was
   */
  private record Watch(@Nullable IdleMark since, int lightPolls, long nanos) {}
}

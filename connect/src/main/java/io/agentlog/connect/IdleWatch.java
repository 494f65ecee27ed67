package io.agentlog.connect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds partitions that have no further record. A poll without a record of a partition proves
 * little: its records may be fetched and wait behind others, the fetch may be under way or lost
 * with its connection, or the connector may be paused.
 *
 * <p>What counts is a sign: a poll that left nothing behind and after which a further heartbeat of
 * any JVM is known. A paused connector hears nothing, so the consumer asked for records of every
 * partition then. From the first sign on a partition has to be quiet for three steps:
 *
 * <ol>
 *   <li>{@link #GIVEN_UP_NANOS} in polls, because a fetch that was under way may know nothing of
 *       what came before the first sign
 *   <li>a second sign: a fetch is under way that began after the first
 *   <li>{@link #ANSWER_NANOS} in polls and a third sign: that fetch was answered
 * </ol>
 *
 * <p>Then the partition has been read up to the heartbeat that was known at the first sign. No
 * clock of a worker is compared with a broker's. A partition that has lost its leader, or whose
 * leader this worker can't reach, looks idle, too; what it holds is read when the leader is back.
 *
 * <p>Not thread-safe.
 *
 * @param <P> a partition
 */
final class IdleWatch<P> {
  /**
   * Time in polls after which a fetch that was under way is answered or given up. Kafka's consumer
   * gives up after 30 s (request.timeout.ms) where a connection is lost and nobody says so.
   */
  static final long GIVEN_UP_NANOS = 35_000_000_000L;

  /** Time in polls in which a broker answers a fetch, several times what it takes. */
  static final long ANSWER_NANOS = 8_000_000_000L;

  /** Longest time that counts of one poll: a longer one did not go on all the time. */
  static final long POLL_MAX_NANOS = AgentlogSinkTask.POLL_MAX_MILLIS * 1_000_000;

  /**
   * Longest time that counts between two signs: a pause that nobody noticed may be a part of more.
   * One JVM alone sends a heartbeat every 10 s.
   */
  static final long SIGN_MAX_NANOS = 10_000_000_000L;

  /**
   * Longest time, in a broker's time, from one known heartbeat to the next. After a longer step the
   * connector was paused or behind, and every watch begins anew.
   */
  static final long STEP_MAX_MILLIS = HeartbeatRun.GAP_MAX_MILLIS;

  /**
   * Longest time in polls without a further heartbeat, after which the connector may have been
   * paused; a task that is not the judge hears of one some seconds later.
   */
  static final long STILL_MAX_NANOS = STEP_MAX_MILLIS * 1_000_000 + 10_000_000_000L;

  /** Time in polls from one first sign that is kept to the next. */
  private static final long SPACING_NANOS = 1_000_000_000L;

  /**
   * A poll with as many records may have left some behind, if the consumer's limit is not known.
   */
  static final int LIGHT_RECORDS_MAX = 100;

  private final int lightRecordsMax;

  /** Number of the first sign, of those that are to come, since which a partition was quiet. */
  private final Map<P, Long> quietSince = new HashMap<>();

  /** First signs that wait for a second, oldest first. */
  private final Deque<Sign> first = new ArrayDeque<>();

  /** Those that wait for a third, with the time of the second. */
  private final Deque<Sign> second = new ArrayDeque<>();

  private @Nullable IdleMark last;
  private long nextNumber;

  /** Time in polls since the last further heartbeat: all of it, and what counts. */
  private long stillNanos;

  private long uncountedNanos;

  /** Time in polls that counted, up to the last sign. */
  private long countedNanos;

  /** A watch of nothing, for a consumer whose limit is not known. */
  IdleWatch() {
    this(LIGHT_RECORDS_MAX);
  }

  /**
   * A watch of nothing.
   *
   * @param lightRecordsMax the consumer's limit: a poll with as many records may have left some
   *     behind
   */
  IdleWatch(int lightRecordsMax) {
    this.lightRecordsMax = lightRecordsMax;
  }

  /** Begins to watch the partitions that a task has now, and forgets all others. */
  void assign(Set<P> partitions) {
    quietSince.keySet().retainAll(partitions);
    partitions.forEach(partition -> quietSince.putIfAbsent(partition, nextNumber));
  }

  /**
   * Takes a poll whose records are written.
   *
   * @param recordCount of all partitions
   * @param partitions those that had records
   * @param known the last heartbeat that was known before the next poll; null if there is none
   * @param nanos how long the poll took
   * @return idle partitions, and up to where each has been read
   */
  Map<P, IdleMark> polled(
      int recordCount, Set<P> partitions, @Nullable IdleMark known, long nanos) {
    IdleMark before = last;
    last = known;
    boolean isLight = recordCount < lightRecordsMax;
    stillNanos += nanos;
    uncountedNanos += isLight ? Math.min(nanos, POLL_MAX_NANOS) : 0;
    partitions.forEach(partition -> quietSince.replace(partition, nextNumber));
    if (known == null || known.equals(before)) {
      return Map.of();
    }
    if (!isNext(before, known)) {
      first.clear();
      second.clear();
    }
    countedNanos += isLight ? Math.min(uncountedNanos, SIGN_MAX_NANOS) : 0;
    stillNanos = 0;
    uncountedNanos = 0;
    return isLight ? sign(known) : Map.of();
  }

  /** Returns whether one heartbeat may follow the other without a pause between. */
  private boolean isNext(@Nullable IdleMark before, IdleMark known) {
    return before != null
        && stillNanos <= STILL_MAX_NANOS
        && known.offset() > before.offset() // Otherwise the topic was made anew.
        && known.millis() - before.millis() <= STEP_MAX_MILLIS;
  }

  /** Takes a sign, which is the third of some, the second of others, and a first one. */
  private Map<P, IdleMark> sign(IdleMark known) {
    Sign answered = lastOlderThan(ANSWER_NANOS, second);
    Sign asked = lastOlderThan(GIVEN_UP_NANOS, first);
    if (asked != null) {
      second.addLast(new Sign(asked.number(), asked.known(), countedNanos));
    }
    Sign newest = first.peekLast();
    if (newest == null || countedNanos - newest.countedNanos() >= SPACING_NANOS) {
      first.addLast(new Sign(nextNumber++, known, countedNanos));
    }
    return answered == null ? Map.of() : idleUntil(answered);
  }

  /** Takes the signs away that are so old; returns the last, which stands for them all. */
  private @Nullable Sign lastOlderThan(long nanos, Deque<Sign> signs) {
    Sign found = null;
    while (!signs.isEmpty() && countedNanos - signs.getFirst().countedNanos() >= nanos) {
      found = signs.removeFirst();
    }
    return found;
  }

  private Map<P, IdleMark> idleUntil(Sign sign) {
    Map<P, IdleMark> idle = new HashMap<>();
    quietSince.forEach(
        (partition, since) -> {
          if (since <= sign.number()) {
            idle.put(partition, sign.known());
          }
        });
    return idle;
  }

  /**
   * A poll that left nothing behind and after which a further heartbeat was known.
   *
   * @param known that heartbeat, at the first sign
   * @param countedNanos time in polls up to the sign that is waited after
   */
  private record Sign(long number, IdleMark known, long countedNanos) {}
}

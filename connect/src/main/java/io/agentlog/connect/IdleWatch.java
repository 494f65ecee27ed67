package io.agentlog.connect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds partitions that have no further record. A poll without a record of a partition proves
 * little: its records may be fetched and wait behind others, the fetch may be under way, or the
 * connector may be paused. A partition counts as idle after several polls that left nothing behind,
 * each with a further heartbeat of any JVM, because a paused connector hears nothing; and after
 * some time in polls.
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

  /** How far the heartbeats must have gone on: more than one pause that nobody noticed. */
  static final long MOVED_MIN_MILLIS = STEP_MAX_MILLIS + 5_000;

  /** Most time in polls that a further heartbeat proves: a pause may have been a part of more. */
  private static final long PROVEN_MAX_NANOS = 2_000_000_000L;

  /** Time between two heartbeats from which a partition is watched. */
  private static final long SPACING_MILLIS = 2_000;

  /**
   * A poll with as many records may have left some behind, if the consumer's limit is not known.
   */
  static final int LIGHT_RECORDS_MAX = 100;

  /** Points of one partition; each second one is forgotten beyond. */
  static final int POINTS_MAX = 64;

  private final int lightRecordsMax;
  private final Map<P, Deque<Point>> watches = new HashMap<>();
  private @Nullable IdleMark last;

  /** Time in polls since the last further heartbeat: all of it, and in light polls. */
  private long stillNanos;

  private long unprovenNanos;

  /** Sums of all that further heartbeats have proven. */
  private int lightPolls;

  private long pollingNanos;

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
    watches.keySet().retainAll(partitions);
    partitions.forEach(partition -> watches.computeIfAbsent(partition, key -> new ArrayDeque<>()));
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
    Map<P, IdleMark> idle = new HashMap<>();
    IdleMark before = last;
    last = known;
    stillNanos += nanos;
    boolean isLight = recordCount < lightRecordsMax;
    unprovenNanos += isLight ? nanos : 0;
    boolean isFurther = known != null && !known.equals(before);
    boolean goesOn = !isFurther || isNext(before, known);
    if (isFurther && isLight) {
      lightPolls++;
      pollingNanos += Math.min(unprovenNanos, PROVEN_MAX_NANOS);
    }
    if (isFurther) {
      stillNanos = 0;
      unprovenNanos = 0;
    }
    watches.forEach(
        (partition, points) -> {
          if (!goesOn || partitions.contains(partition)) {
            points.clear();
          }
          if (known != null) {
            IdleMark mark = isFurther ? idleUntil(points, known) : null;
            if (mark != null) {
              idle.put(partition, mark);
            }
            begin(points, known);
          }
        });
    return idle;
  }

  /** Returns whether one heartbeat may follow the other without a pause between. */
  private boolean isNext(@Nullable IdleMark before, @Nullable IdleMark known) {
    return before != null
        && known != null
        && stillNanos <= STILL_MAX_NANOS
        && known.offset() > before.offset() // Otherwise the topic was made anew.
        && known.millis() - before.millis() <= STEP_MAX_MILLIS;
  }

  /** Returns the last heartbeat up to which a partition has been read; null if there is none. */
  private @Nullable IdleMark idleUntil(Deque<Point> points, IdleMark known) {
    IdleMark idle = null;
    Point first = points.peekFirst();
    while (first != null
        && lightPolls - first.lightPolls() >= LIGHT_POLLS
        && pollingNanos - first.pollingNanos() >= POLLING_NANOS
        && known.millis() - first.mark().millis() >= MOVED_MIN_MILLIS) {
      idle = first.mark();
      points.removeFirst();
      first = points.peekFirst();
    }
    return idle;
  }

  private void begin(Deque<Point> points, IdleMark known) {
    Point newest = points.peekLast();
    if (newest == null || known.millis() - newest.mark().millis() >= SPACING_MILLIS) {
      points.addLast(new Point(known, lightPolls, pollingNanos));
      if (points.size() > POINTS_MAX) {
        thin(points);
      }
    }
  }

  /** Keeps the first point and each second one after it: a busy task may find nothing idle. */
  private static void thin(Deque<Point> points) {
    Iterator<Point> each = points.iterator();
    for (boolean isKept = true; each.hasNext(); isKept = !isKept) {
      each.next();
      if (!isKept) {
        each.remove();
      }
    }
  }

  /**
   * Where a watch on a partition began.
   *
   * @param mark the last heartbeat that was known
   */
  private record Point(IdleMark mark, int lightPolls, long pollingNanos) {}
}

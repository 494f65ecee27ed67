package io.agentlog.insight.rollup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decides which of the latest minutes a tick computes. Holds no state. */
final class Cadence {
  /** Time between two ticks that compute the latest minutes. */
  static final Duration PERIOD = Duration.ofSeconds(10);

  /** The longest such time, in which a minute with very many rows is computed once. */
  static final Duration PERIOD_MAX = Duration.ofSeconds(60);

  /** The database rests so many times as long as a computation took, up to the longest time. */
  private static final int REST = 20;

  /** When a minute is computed again, after its end. Most rows come within seconds. */
  private static final List<Duration> AGAIN =
      List.of(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3));

  /** A row that comes later than this after its end is late; {@link LateEnds} looks for it. */
  static final Duration LATE_AFTER = Duration.ofMinutes(3);

  private static final Duration WATCHED = LATE_AFTER.plusMinutes(1);

  private Cadence() {}

  /**
   * Returns the time until the next computation.
   *
   * @param took how long the last one took
   */
  static Duration period(Duration took) {
    Duration rest = took.multipliedBy(REST);
    return rest.compareTo(PERIOD) < 0 ? PERIOD : rest.compareTo(PERIOD_MAX) > 0 ? PERIOD_MAX : rest;
  }

  /** Returns the first minute that is computed by time alone; what is older is history. */
  static Instant begin(Instant now) {
    return Level.MINUTE.floor(now).minus(WATCHED);
  }

  /**
   * Returns the minutes that are due: the current one, the next because clocks differ, and those
   * whose time has come since the last tick.
   *
   * @param last time of the last tick; null if there was none
   */
  static NavigableSet<Instant> due(@Nullable Instant last, Instant now) {
    Instant current = Level.MINUTE.floor(now);
    NavigableSet<Instant> due = new TreeSet<>(List.of(current, Level.MINUTE.next(current)));
    for (Instant minute = begin(now);
        minute.isBefore(current);
        minute = Level.MINUTE.next(minute)) {
      Instant end = Level.MINUTE.next(minute);
      for (Duration again : AGAIN) {
        Instant time = end.plus(again);
        if (last == null || (time.isAfter(last) && !time.isAfter(now))) {
          due.add(minute);
        }
      }
    }
    return due;
  }

  /**
   * Returns the minutes that became history since the last tick without having been computed for
   * the last time, because no tick came; null if there are none.
   */
  static @Nullable Range missed(Instant last, Instant now) {
    Instant first = Level.MINUTE.next(Level.MINUTE.floor(last.minus(WATCHED)));
    return first.isBefore(begin(now)) ? new Range(first, begin(now)) : null;
  }
}

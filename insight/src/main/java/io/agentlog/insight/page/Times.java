package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;

/** Spans between times of rows, which another logger may have written. Thread-safe. */
public final class Times {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  /** So many microseconds can be doubled, and a few of them added, without an overflow. */
  private static final long SECONDS_MAX = Long.MAX_VALUE / 4 / 1_000_000;

  private Times() {}

  /** Returns whether a time is in the years 1 to 9999, which all formats of times can express. */
  public static boolean isUsual(Instant time) {
    return !time.isBefore(FIRST) && time.isBefore(END);
  }

  /**
   * Returns the microseconds between two times, negative if {@code to} is the earlier; 73,000 years
   * at most.
   */
  public static long micros(Instant from, Instant to) {
    Duration span = Duration.between(from, to);
    long seconds = Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, span.getSeconds()));
    return seconds * 1_000_000 + span.getNano() / 1_000;
  }
}

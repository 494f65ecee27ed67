package io.agentlog.agent.capture;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Converts {@link System#nanoTime()} to the time of the wall clock, from a reading at most {@value
 * #AGE_NANOS_MAX} ns old, because reading the clock costs as much as encoding an event. A step of
 * the clock shows up to that much later.
 *
 * <p>The caller that finds the reading too old takes the next one, so no background thread has to
 * be on time, and the first call after a pause of the application gets the right time.
 *
 * <p>Thread-safe, without waiting.
 */
final class WallClock {
  static final long AGE_NANOS_MAX = 100_000_000;

  /** A reading that took longer, because its thread was preempted, is used once and not kept. */
  private static final long READING_NANOS_MAX = 100_000;

  private static final int ATTEMPTS_MAX = 3;

  /** Two clocks at one moment, at most {@link #READING_NANOS_MAX} apart. */
  private record Reading(long nanos, long epochMicros) {}

  private final LongSupplier epochMicros;
  private final LongSupplier nanoTime;
  private volatile Reading last;

  WallClock() {
    this(WallClock::systemMicros, System::nanoTime);
  }

  WallClock(LongSupplier epochMicros, LongSupplier nanoTime) {
    this.epochMicros = epochMicros;
    this.nanoTime = nanoTime;
    this.last = new Reading(nanoTime.getAsLong() - AGE_NANOS_MAX, 0); // Too old from the start.
  }

  /**
   * Returns microseconds since the epoch.
   *
   * @param nanos a recent {@link System#nanoTime()}
   */
  long microsAt(long nanos) {
    Reading reading = last;
    long age = nanos - reading.nanos; // Negative if another thread has just read the clock.
    return age < AGE_NANOS_MAX && age > -AGE_NANOS_MAX
        ? reading.epochMicros + age / 1_000
        : readAt(nanos);
  }

  private long readAt(long nanos) {
    for (int attempt = 1; ; attempt++) {
      long before = nanoTime.getAsLong();
      long micros = epochMicros.getAsLong();
      boolean exact = nanoTime.getAsLong() - before < READING_NANOS_MAX;
      if (exact) {
        last = new Reading(before, micros);
      }
      if (exact || attempt == ATTEMPTS_MAX) {
        return micros - (before - nanos) / 1_000;
      }
    }
  }

  private static long systemMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}

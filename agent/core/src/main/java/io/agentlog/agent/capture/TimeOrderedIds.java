package io.agentlog.agent.capture;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Makes version-7 UUIDs: milliseconds, then 12 bits of the millisecond's fraction, then 62 bits
 * that step through all their values from a random start. Seeded once, because {@code
 * UUID.randomUUID} costs a hundred times as much. Two IDs of one generator always differ. IDs of
 * two generators are equal as rarely as two random numbers of 62 bits, drawn in the same
 * microsecond.
 *
 * <p>Thread-safe, without waiting.
 */
final class TimeOrderedIds {
  /** Odd, so the sequence visits every value once. */
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private static final long LOW_MASK = -1L >>> 2;

  private static final AtomicLongFieldUpdater<TimeOrderedIds> LOW =
      AtomicLongFieldUpdater.newUpdater(TimeOrderedIds.class, "low");

  @SuppressWarnings("UnusedVariable") // Read and written through LOW.
  private volatile long low;

  /** Keeps the next stripe's generator, which is used at the same time, off this cache line. */
  @SuppressWarnings("UnusedVariable")
  private long padding1, padding2, padding3, padding4, padding5, padding6;

  TimeOrderedIds(SecureRandom random) {
    this(random.nextLong());
  }

  TimeOrderedIds(long seed) {
    this.low = seed;
  }

  /** Returns the high half of an ID for a moment, in microseconds since the epoch. */
  static long high(long epochMicros) {
    long millis = epochMicros / 1_000;
    long fraction = epochMicros % 1_000 * 4_096 / 1_000;
    return (millis << 16) | 0x7000L | fraction;
  }

  /** Returns the next low half. */
  long nextLow() {
    return (LOW.getAndAdd(this, GAMMA) & LOW_MASK) | Long.MIN_VALUE;
  }

  /** Returns a whole ID for a moment. */
  UUID next(long epochMicros) {
    return new UUID(high(epochMicros), nextLow());
  }
}

package io.agentlog.agent.delivery;

import java.util.function.DoubleSupplier;

/**
 * How long to wait between attempts at a sink that is down: doubles from {@link #MIN_NANOS} to
 * {@link #MAX_NANOS}, each wait anywhere in the upper half of its step, so that the instances that
 * lost a backend together don't come back together. Not thread-safe.
 */
final class RetryDelay {
  static final long MIN_NANOS = 100_000_000L;
  static final long MAX_NANOS = 30_000_000_000L;

  private final DoubleSupplier random;
  private long stepNanos;

  /** {@code random} gives 0.0 (inclusive) to 1.0 (exclusive). */
  RetryDelay(DoubleSupplier random) {
    this.random = random;
    reset();
  }

  /** The next wait. */
  long nextNanos() {
    long half = stepNanos / 2;
    long delay = half + (long) (random.getAsDouble() * (stepNanos - half));
    stepNanos = Math.min(MAX_NANOS, stepNanos * 2);
    return delay;
  }

  /** The sink is up: the next outage begins with the shortest wait. */
  void reset() {
    stepNanos = 2 * MIN_NANOS;
  }
}

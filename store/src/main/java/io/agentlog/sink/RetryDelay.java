package io.agentlog.sink;

import java.util.function.DoubleSupplier;

/**
 * Waiting time between attempts at a sink that is down: doubles from {@link #MIN_NANOS} to {@link
 * #MAX_NANOS}. Each wait is random in the upper half of its step, so that instances that lost a
 * backend together don't come back together. A sink may ask for a longer wait, {@link
 * SinkUnavailableException#retryDelayMin}. Not thread-safe.
 */
public final class RetryDelay {
  /** First wait at most. */
  public static final long MIN_NANOS = 100_000_000L;

  /** Longest wait. */
  public static final long MAX_NANOS = 30_000_000_000L;

  private final DoubleSupplier random;
  private long stepNanos;

  /** {@code random} gives 0.0 (inclusive) to 1.0 (exclusive). */
  public RetryDelay(DoubleSupplier random) {
    this.random = random;
    reset();
  }

  /** Returns the next wait and doubles the step. */
  public long nextNanos() {
    long half = stepNanos / 2;
    long delay = half + (long) (random.getAsDouble() * (stepNanos - half));
    stepNanos = Math.min(MAX_NANOS, stepNanos * 2);
    return delay;
  }

  /** Starts again with the shortest wait, because the sink is up. */
  public void reset() {
    stepNanos = 2 * MIN_NANOS;
  }
}

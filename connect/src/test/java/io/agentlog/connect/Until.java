package io.agentlog.connect;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits of the tests. */
final class Until {
  private static final long PAUSE_MILLIS = 150;

  private Until() {}

  /**
   * Waits until a condition holds.
   *
   * @param state what a failure shows
   * @throws AssertionError if it does not hold in time
   */
  static void holds(
      String what, Duration deadline, BooleanSupplier condition, Supplier<String> state) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end >= 0) {
        throw new AssertionError("no %s within %s: %s".formatted(what, deadline, state.get()));
      }
      pause();
    }
  }

  /** Watches for a while, in which something must not happen. */
  static void over(Duration time, Runnable check) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      check.run();
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

package io.agentlog.backends;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waiting for a condition, with a deadline. */
final class Wait {
  private static final long PAUSE_MILLIS = 25;

  private Wait() {}

  /**
   * Returns whether the condition came true before the deadline. An interrupt ends the wait and
   * stays set.
   */
  static boolean until(Duration deadline, BooleanSupplier condition) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      if (!pause()) {
        return false;
      }
    }
    return true;
  }

  /** Waits for a moment. Returns false at an interrupt, which stays set. */
  static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

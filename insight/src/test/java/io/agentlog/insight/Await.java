package io.agentlog.insight;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits in tests for what other threads and processes do. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(25);

  private Await() {}

  /** Returns once a condition holds; what it throws means not yet. */
  public static void until(Callable<Boolean> condition) throws InterruptedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    Exception last = null;
    while (System.nanoTime() < end) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        last = e;
      }
      Thread.sleep(PAUSE.toMillis());
    }
    throw new AssertionError("not within " + DEADLINE.toSeconds() + " s", last);
  }
}

package io.agentlog.sample.router;

import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * Tells whether a request is still wanted, between the stages and while a decision is held back.
 */
final class CancelSignal {
  private static final long SLICE_MILLIS = 5;

  private final RoutingOptions options;
  private final long startNanos = System.nanoTime();

  CancelSignal(RoutingOptions options) {
    this.options = options;
  }

  /**
   * Returns if the request is still wanted.
   *
   * @throws CancellationException if the request was withdrawn or its deadline has passed
   */
  void check() {
    if (options.cancel()) {
      throw new CancellationException("the sender withdrew the request");
    }
    Integer afterMillis = options.cancelAfterMillis();
    if (afterMillis != null && elapsedMillis() >= afterMillis) {
      throw new CancellationException("withdrawn after " + afterMillis + " ms");
    }
    Instant deadline = options.deadline();
    if (deadline != null && !Instant.now().isBefore(deadline)) {
      throw new CancellationException("the deadline " + deadline + " has passed");
    }
  }

  /** Waits as long as the request asks for, unless it is cancelled or the thread is interrupted. */
  void hold() {
    while (elapsedMillis() < options.holdMillis()) {
      check();
      try {
        TimeUnit.MILLISECONDS.sleep(
            Math.min(SLICE_MILLIS, Math.max(1, options.holdMillis() - elapsedMillis())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (CancellationException)
            new CancellationException("interrupted while the decision was held back").initCause(e);
      }
    }
    check();
  }

  private long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }
}

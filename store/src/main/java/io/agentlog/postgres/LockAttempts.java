package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;

/** Attempts of a command at a lock that another session holds: one a second. Stateless. */
final class LockAttempts {
  static final int MAX = 30;

  private static final long INTERVAL_MILLIS = 1_000;

  private LockAttempts() {}

  /** Waits between two attempts. */
  static void pause() throws SinkUnavailableException {
    try {
      Thread.sleep(INTERVAL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SinkUnavailableException("interrupted", e);
    }
  }
}

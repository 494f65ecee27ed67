package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;

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

  /**
   * Runs a step until it fails by no lock.
   *
   * @param problem says what the last failure means, for people
   * @throws SinkUnavailableException if no lock was free {@link #MAX} times
   */
  static void patiently(String problem, Step step) throws SQLException, SinkUnavailableException {
    for (int attempt = 1; ; attempt++) {
      try {
        step.run();
        return;
      } catch (SQLException e) {
        if (!SqlStates.isPassing(e)) {
          throw e;
        }
        if (attempt == MAX) {
          throw new SinkUnavailableException(problem, e);
        }
      }
      pause();
    }
  }

  /** Statements that need a lock. */
  interface Step {
    void run() throws SQLException, SinkUnavailableException;
  }
}

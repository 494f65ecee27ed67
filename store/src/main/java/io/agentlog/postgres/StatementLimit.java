package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The time that a statement of housekeeping may take, and the number of rows that fits into it.
 * Events wait while such a statement runs, and a statement that outlives the driver's patience goes
 * on at the server with nobody to see its end. The server therefore ends it, and the next one takes
 * fewer rows, down to one; after quick ones the number grows again.
 *
 * <p>Not thread-safe.
 */
final class StatementLimit {
  static final int MILLIS_MAX = 3_000;

  /** Longest wait for a row that another task of a fleet has locked; its transactions are short. */
  static final int FLEET_LOCK_MILLIS = 500;

  /** Time after which the server ends a session that left a transaction of a fleet open. */
  static final int FLEET_IDLE_MILLIS = 10_000;

  /** The driver waits for an answer this many times as long as the server may take for it. */
  private static final int PATIENCE = 2;

  private static final int SHRINKING = 8;
  private static final int GROWTH = 2;

  /** A statement was quick if it took less than this part of the limit. */
  private static final int QUICK_PART = 4;

  private final int rowsMax;
  private int rows;

  StatementLimit(int rowsMax) {
    this.rowsMax = rowsMax;
    this.rows = rowsMax;
  }

  /** Begins a transaction whose statements the server ends in time. */
  static void begin(Connection connection) throws SQLException {
    begin(connection, "");
  }

  /**
   * Begins a transaction of a task of a fleet, which waits for others shortly, and whose locks end
   * even if its host has lost power.
   */
  static void beginOfFleet(Connection connection) throws SQLException {
    begin(
        connection,
        "; SET LOCAL lock_timeout = %s; SET LOCAL idle_in_transaction_session_timeout = %s"
            .formatted(FLEET_LOCK_MILLIS, FLEET_IDLE_MILLIS));
  }

  private static void begin(Connection connection, String more) throws SQLException {
    int patience = connection.getNetworkTimeout();
    int millis =
        patience == 0 ? MILLIS_MAX : Math.min(MILLIS_MAX, Math.max(1, patience / PATIENCE));
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL statement_timeout = " + millis + more);
    }
  }

  /** Returns the number of rows that the next statement may take. */
  int rows() {
    return rows;
  }

  /** Reports that a statement ended in time. */
  void ended(long nanos) {
    if (nanos < MILLIS_MAX * 1_000_000L / QUICK_PART) {
      rows = Math.min(rowsMax, rows * GROWTH);
    }
  }

  /**
   * Reports that a statement did not end in time.
   *
   * @return false if it had one row, so that fewer rows don't help
   */
  boolean shrink() {
    boolean shrinks = rows > 1;
    rows = Math.max(1, rows / SHRINKING);
    return shrinks;
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Limits of a transaction that writes events, or looks at the tables before. The driver gives up a
 * silent server by closing its side, and the server's session goes on to wait for the lock: each
 * attempt would leave one more, until nobody can log in. A process that stops in the midst of a
 * transaction would keep its locks until it goes on. So the server ends both. A limit that the user
 * or the database has already stays.
 *
 * <p>No limit of the statement: it would end the wait of a COMMIT for a standby, as if the standby
 * had the rows. Stateless.
 */
final class WriteLimit {
  /** Longest wait for a lock. */
  static final int LOCK_MILLIS_MAX = 5_000;

  /** Longest silence of the client within a transaction. */
  static final int IDLE_MILLIS_MAX = 30_000;

  /** The driver waits for an answer this many times as long as the server may wait for a lock. */
  private static final int PATIENCE = 2;

  private WriteLimit() {}

  /** Begins a transaction whose waits the server ends. */
  static void begin(Connection connection) throws SQLException {
    int patience = connection.getNetworkTimeout();
    int lockMillis =
        patience == 0
            ? LOCK_MILLIS_MAX
            : Math.min(LOCK_MILLIS_MAX, Math.max(1, patience / PATIENCE));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT "
                + unlessSet("lock_timeout", lockMillis)
                + ", "
                + unlessSet("idle_in_transaction_session_timeout", IDLE_MILLIS_MAX))) {
      statement.execute();
    }
  }

  private static String unlessSet(String setting, int millis) {
    return "CASE pg_catalog.current_setting('%1$s') WHEN '0' THEN pg_catalog.set_config('%1$s', '%2$s', true) END"
        .formatted(setting, millis);
  }
}

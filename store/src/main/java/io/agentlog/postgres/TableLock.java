package io.agentlog.postgres;

import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.ServerErrorMessage;

/**
 * Tells a lock of a table, which holds up every batch, from one of a row, which holds up those with
 * the row: only these are found by halving. Stateless.
 */
final class TableLock {
  /** Locks that keep writers out, held or waited for: who waits for one lets nobody pass either. */
  private static final String HOLDER =
      """
      SELECT c.relname::text, COALESCE('process ' || l.pid::text, 'a prepared transaction')
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
      WHERE n.nspname = ?::name AND c.relname = ANY (?::name[]) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
        AND l.mode = ANY ('{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'::text[])
      ORDER BY l.granted DESC LIMIT 1\
      """;

  private TableLock() {}

  /**
   * Returns what the failure of a batch means, as {@link SqlStates#failureOfBatch}, but for a lock
   * of a table. Rolls back.
   *
   * @throws EventRefusedException if the server refuses the batch, and would refuse it again
   */
  static SinkUnavailableException failureOfBatch(
      SQLException thrown, Connection connection, PostgresTarget target)
      throws EventRefusedException {
    String holder =
        SqlStates.isLocked(thrown) && !isOfRow(thrown) ? holder(connection, target) : null;
    return holder == null
        ? SqlStates.failureOfBatch(thrown, target)
        : new SinkUnavailableException(holder, thrown);
  }

  /** The server says which row it waited for, in words of its language. */
  private static boolean isOfRow(SQLException thrown) {
    ServerErrorMessage server = SqlStates.serverMessage(thrown);
    return server != null && server.getWhere() != null;
  }

  /** Returns the sentence that names a locked table; null if none is locked any more. */
  private static @Nullable String holder(Connection connection, PostgresTarget target) {
    List<String> names = new ArrayList<>(Track.EXECUTIONS.names());
    names.addAll(Track.DETAILS.names());
    try {
      connection.rollback();
      String home = Home.find(connection).schema();
      try (PreparedStatement statement = connection.prepareStatement(HOLDER)) {
        statement.setString(1, home);
        statement.setArray(2, connection.createArrayOf("text", names.toArray()));
        try (ResultSet row = statement.executeQuery()) {
          return row.next()
              ? "%s at %s is locked by another session (%s); it is tried again"
                  .formatted(row.getString(1), target, row.getString(2))
              : null;
        }
      }
    } catch (SQLException e) { // The lock's own error says enough.
      return null;
    }
  }
}

package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The check that a command which was killed while it switched a table has left on it. Rows from the
 * day of the switch on would be refused, so whoever may drops it, long before that day.
 */
final class LeftOverCut {
  private static final String FIND =
      """
      SELECT n.name FROM pg_catalog.unnest(?::text[]) AS n(name)
      JOIN pg_catalog.pg_namespace h ON h.nspname = ?::name
      JOIN pg_catalog.pg_class t ON t.relname = n.name::name AND t.relnamespace = h.oid
      JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.conname = ?::name
      WHERE ? OR pg_catalog.pg_has_role(t.relowner, 'USAGE')\
      """;

  private LeftOverCut() {}

  /** Returns the tables that have such a check, also those that a command is at work on. */
  static List<String> find(Connection connection, String home) throws SQLException {
    return find(connection, home, true);
  }

  private static List<String> find(Connection connection, String home, boolean ofOthers)
      throws SQLException {
    List<String> tables = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(
          1, connection.createArrayOf("text", DayTable.ALL.stream().map(DayTable::name).toArray()));
      statement.setString(2, home);
      statement.setString(3, TableSwitch.CHECK);
      statement.setBoolean(4, ofOthers);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
    }
    return tables;
  }

  /**
   * Drops the checks of tables that this user owns, unless a command is at work.
   *
   * @return true if there was a check, so that a look follows soon
   */
  static boolean drop(Connection connection, String home, PostgresTarget target)
      throws SQLException {
    List<String> tables = find(connection, home, false);
    connection.commit();
    for (String table : tables) {
      DayPartitions.begin(connection);
      if (DayPartitions.isAlone(connection)) {
        drop(connection, SqlStates.quoted(home) + "." + table);
        AgentLog.warn(
            "postgres",
            "a command migrate --partition-from did not end at %s: dropped its check of %s, which would have refused rows later"
                .formatted(target, table));
      }
      connection.commit();
    }
    return !tables.isEmpty();
  }

  /** Drops the check of a table, and commits. */
  static void drop(Connection connection, String place) throws SQLException {
    DayPartitions.begin(connection);
    DayPartitions.quieten(connection, place);
    DayPartitions.execute(
        connection,
        "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s".formatted(place, TableSwitch.CHECK));
    connection.commit();
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes an index of a table that is partitioned by day, partition by partition, since PostgreSQL
 * makes none {@code CONCURRENTLY} on the table itself. A partition that is made meanwhile gets the
 * index by itself. Neither readers nor writers wait for longer than a lock is asked for.
 */
final class PartitionedIndex {
  private static final int NAME_LENGTH_MAX = 63;

  /** Partitions without their part of the index, and the end of their names. */
  private static final String LACKING =
      """
      SELECT pg_catalog.quote_ident(n.nspname::text) || '.' || pg_catalog.quote_ident(c.relname::text), c.relname::text
      FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE h.inhparent = pg_catalog.to_regclass(?)::oid AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_inherits i ON i.inhrelid = x.indexrelid
        WHERE x.indrelid = c.oid AND i.inhparent = pg_catalog.to_regclass(?)::oid)
      ORDER BY 2 DESC\
      """;

  private PartitionedIndex() {}

  /** True if agentlog keeps the days of a table. */
  static boolean isNeeded(Connection connection, String home, String table) throws SQLException {
    for (DayTable of : DayTable.ALL) {
      if (of.name().equals(table)) {
        return !DayPartitions.read(connection, home, List.of(of)).isEmpty();
      }
    }
    return false;
  }

  /**
   * Makes what is missing of the index; may run again at any time.
   *
   * @param connection with a transaction for each statement, and {@code pg_catalog} alone in its
   *     search path
   * @param home schema of the table, without quotes
   * @param definition what follows the table's name in {@code CREATE INDEX}
   * @throws SQLException if the server refuses a statement, for example because a lock is not free
   */
  static void make(Connection connection, String home, String table, String name, String definition)
      throws SQLException {
    String schema = SqlStates.quoted(home) + ".";
    String limited = "SET lock_timeout = " + DayPartitions.LOCK_TIMEOUT_MILLIS;
    try {
      DayPartitions.execute(connection, limited);
      DayPartitions.execute(
          connection,
          "CREATE INDEX IF NOT EXISTS %s ON ONLY %s%s%s"
              .formatted(name, schema, table, definition));
      for (Map.Entry<String, String> lacking :
          lacking(connection, schema, table, name).entrySet()) {
        String end =
            lacking.getValue().substring(Math.min(table.length(), lacking.getValue().length()));
        String begin = name.substring(0, Math.min(name.length(), NAME_LENGTH_MAX - end.length()));
        String part = SqlStates.quoted(begin + end);
        String partSchema = lacking.getKey().substring(0, lacking.getKey().lastIndexOf('.') + 1);
        DayPartitions.execute(connection, "SET lock_timeout = 0");
        DayPartitions.execute(
            connection, "DROP INDEX CONCURRENTLY IF EXISTS %s%s".formatted(partSchema, part));
        DayPartitions.execute(
            connection,
            "CREATE INDEX CONCURRENTLY %s ON %s%s".formatted(part, lacking.getKey(), definition));
        DayPartitions.execute(connection, limited);
        DayPartitions.execute(
            connection,
            "ALTER INDEX %s%s ATTACH PARTITION %s%s".formatted(schema, name, partSchema, part));
      }
    } finally {
      DayPartitions.execute(connection, "SET lock_timeout = 0");
    }
  }

  private static Map<String, String> lacking(
      Connection connection, String schema, String table, String name) throws SQLException {
    Map<String, String> lacking = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LACKING)) {
      statement.setString(1, schema + table);
      statement.setString(2, schema + name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          lacking.put(row.getString(1), row.getString(2));
        }
      }
    }
    return lacking;
  }
}

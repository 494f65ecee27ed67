package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A check that a program which was killed while it switched a table, or made a day of it, has left.
 * Rows of the days that it names wait as long as it is there, so whoever may drops it, long before
 * these days.
 *
 * @param place of the table, quoted, with its schema
 * @param table without quotes
 * @param check one of {@link #CHECKS}
 */
record LeftOverCut(String place, String table, String check) {
  /** Names of the checks: of a table that is switched, and of the partition of all other keys. */
  static final List<String> CHECKS = List.of(TableSwitch.CHECK, DayBesideRows.CHECK);

  private static final String FIND =
      """
      SELECT pg_catalog.quote_ident(h.nspname::text) || '.' || pg_catalog.quote_ident(t.relname::text), t.relname::text, k.conname::text
      FROM pg_catalog.pg_namespace h JOIN pg_catalog.pg_class t ON t.relnamespace = h.oid
      JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid
      WHERE h.nspname = ?::name AND t.relname = ANY (?::name[]) AND k.conname = ANY (?::name[])
        AND (? OR pg_catalog.pg_has_role(t.relowner, 'USAGE'))
      ORDER BY 1, 3\
      """;

  /** Returns the checks, also those that a program needs that is at work. */
  static List<LeftOverCut> find(Connection connection, String home) throws SQLException {
    return find(connection, home, true);
  }

  private static List<LeftOverCut> find(Connection connection, String home, boolean ofOthers)
      throws SQLException {
    List<LeftOverCut> found = new ArrayList<>();
    Object[] tables =
        DayTable.ALL.stream().flatMap(table -> Stream.of(table.name(), table.rest())).toArray();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, home);
      statement.setArray(2, connection.createArrayOf("text", tables));
      statement.setArray(3, connection.createArrayOf("text", CHECKS.toArray()));
      statement.setBoolean(4, ofOthers);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(new LeftOverCut(row.getString(1), row.getString(2), row.getString(3)));
        }
      }
    }
    return found;
  }

  /**
   * Drops the checks of tables that this user owns, unless a program is at work.
   *
   * @return true if none is left that this user may drop
   */
  static boolean drop(Connection connection, String home, PostgresTarget target)
      throws SQLException {
    boolean isClear = true;
    List<LeftOverCut> found = find(connection, home, false);
    connection.commit();
    for (LeftOverCut left : found) {
      DayPartitions.begin(connection);
      if (DayPartitions.isAlone(connection)) {
        drop(connection, left.place, left.check);
        AgentLog.warn(
            "postgres",
            "a program that partitions did not end at %s: dropped its check %s of %s, for which rows would have waited"
                .formatted(target, left.check, left.table));
      } else {
        isClear = false;
      }
      connection.commit();
    }
    return isClear;
  }

  /** Drops a check of a table if it is there, and commits. */
  static void drop(Connection connection, String place, String check) throws SQLException {
    DayPartitions.begin(connection);
    DayPartitions.quieten(connection, place);
    DayPartitions.execute(
        connection, "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s".formatted(place, check));
    connection.commit();
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Indexes and views that stay with a table which its owner has renamed, so that agentlog makes a
 * new one: the indexes keep their names, and the views go on reading the old table. Stateless.
 */
final class RenamedTable {
  private static final int NAME_LENGTH_MAX = 63;

  private static final String INDEX_OF_ANOTHER =
      """
      SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      WHERE n.nspname = ?::name AND c.relname = ?::name AND (t.relname <> ?::name OR t.relnamespace <> n.oid)\
      """;

  private static final String IS_TAKEN =
      """
      SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ?::name AND c.relname = ?::name\
      """;

  /** Views with a comment of agentlog's that read a table of another name. */
  private static final String VIEWS =
      """
      SELECT DISTINCT v.relname::text FROM pg_catalog.pg_class v JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
      JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
      WHERE n.nspname = ?::name AND v.relkind = 'v'::"char" AND t.relkind IN ('r'::"char", 'p'::"char")
        AND pg_catalog.starts_with(pg_catalog.obj_description(v.oid, 'pg_class'::name), 'agentlog:')
        AND NOT (t.relnamespace = n.oid AND t.relname = ANY (?::name[]))\
      """;

  private RenamedTable() {}

  /**
   * Renames an index that is another table's, so that its name is free. The index stays in use, and
   * nobody waits for it.
   *
   * @param home schema of the index, without quotes
   * @param table that is to have an index of the name
   */
  static void freeName(Connection connection, String home, String index, String table)
      throws SQLException {
    if (MigrationRun.number(connection, INDEX_OF_ANOTHER, home, index, table) == null) {
      return;
    }
    String free = withEnd(index, "_old");
    for (int n = 2; MigrationRun.number(connection, IS_TAKEN, home, free) != null; n++) {
      free = withEnd(index, "_old" + n);
    }
    DayPartitions.execute(
        connection,
        "ALTER INDEX %s.%s RENAME TO %s"
            .formatted(SqlStates.quoted(home), SqlStates.quoted(index), SqlStates.quoted(free)));
  }

  /**
   * Returns the views of a track that read a table which has one of agentlog's names no more.
   *
   * @param home schema of the views, without quotes
   */
  static List<String> views(Connection connection, String home, Track track) throws SQLException {
    List<String> views = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List.of(Track.EXECUTIONS, Track.DETAILS, Track.FLEET).forEach(t -> names.addAll(t.names()));
    try (PreparedStatement statement = connection.prepareStatement(VIEWS)) {
      statement.setString(1, home);
      statement.setArray(2, connection.createArrayOf("text", names.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          views.add(row.getString(1));
        }
      }
    }
    if (!views.isEmpty()) {
      List<String> made = new ArrayList<>();
      for (String script : track.scripts()) {
        Script.of(script, home).steps().stream()
            .filter(step -> step.kind() == Script.Kind.VIEW)
            .forEach(step -> made.add(step.name()));
      }
      views.retainAll(made);
    }
    return views;
  }

  /** Returns a name with an end, of which the server takes all. */
  static String withEnd(String name, String end) {
    return name.substring(0, Math.min(name.length(), NAME_LENGTH_MAX - end.length())) + end;
  }
}

package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The difference between the tables in {@link Home} and those that the sink needs. Immutable.
 *
 * @param missing missing tables and columns, in words
 * @param missingForLeases the same for the table of leases; events are delivered without it
 * @param missingForReports the same for what agents say of themselves; leases are kept without it
 * @param missingKeys sentences about tables without the unique index by which events are merged,
 *     each with what to do
 * @param foreign names of our tables that something other than a table has
 * @param obstacles NOT NULLs, keys, checks and types that are not ours and will refuse some rows,
 *     in an order in which their remedies can be run
 * @param limits to which values of details are made to fit
 */
record Schema(
    List<String> missing,
    List<String> missingForLeases,
    List<String> missingForReports,
    List<String> foreign,
    List<String> missingKeys,
    List<Obstacle> obstacles,
    DetailLimits limits) {
  private static final String INSTANCES = Track.INSTANCES;
  private static final String REPORT = "report";
  private static final String ABSENT = "table ";

  private static final String COLUMNS_SQL =
      """
      SELECT n.name, c.relkind::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
             a.atthasdef OR a.attidentity <> ''
      FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS n(name, place, position)
      LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n.place)::oid
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY n.position, a.attnum\
      """;

  /** Finds the constraints that a track asks for. */
  private static final String CONSTRAINTS_SQL =
      """
      SELECT n.name, k.conname, pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.quote_ident(k.conname::text),
             (SELECT pg_catalog.string_agg(a.attname::text, ', ' ORDER BY a.attname)
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))
      FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS n(name, place, position)
      JOIN pg_catalog.pg_constraint k ON k.conrelid = pg_catalog.to_regclass(n.place)::oid
      WHERE %s
      ORDER BY n.position, k.conname\
      """;

  private static final String UNIQUE_SQL =
      """
      SELECT n.name, i.indexrelid::regclass::text,
             (SELECT pg_catalog.string_agg(a.attname::text, ', ' ORDER BY a.attname)
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)),
             COALESCE((SELECT 'ALTER TABLE ' || n.name || ' DROP CONSTRAINT ' || pg_catalog.quote_ident(k.conname::text)
                       FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid),
                      'DROP INDEX ' || i.indexrelid::regclass::text), i.indisprimary,
             i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS n(name, place, position)
      JOIN pg_catalog.pg_index i ON i.indrelid = pg_catalog.to_regclass(n.place)::oid AND i.indisunique
      ORDER BY n.position, 2\
      """;

  /** How a partitioned table is cut, and the columns of that; no row for any other table. */
  private static final String PARTITION_SQL =
      """
      SELECT pg_catalog.pg_get_partkeydef(p.partrelid),
             CASE WHEN p.partexprs IS NULL THEN
               (SELECT pg_catalog.string_agg(a.attname::text, ', ' ORDER BY a.attname)
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs)) END
      FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = pg_catalog.to_regclass(?)::oid\
      """;

  Schema {
    missingKeys = List.copyOf(missingKeys);
    missing = List.copyOf(missing);
    missingForLeases = List.copyOf(missingForLeases);
    missingForReports = List.copyOf(missingForReports);
    foreign = List.copyOf(foreign);
    obstacles = List.copyOf(obstacles);
  }

  /** Returns the names of our tables, in the order in which they are made. */
  static List<String> tableNames() {
    return Track.EXECUTIONS.names();
  }

  /** Reads the catalog about the tables that every database of agentlog has. */
  static Schema read(Connection connection) throws SQLException {
    return read(connection, Track.EXECUTIONS);
  }

  /**
   * Reads the catalog; needs no right on the tables. Looks in one schema alone, so that a table of
   * the same name in another is never taken for ours.
   */
  static Schema read(Connection connection, Track track) throws SQLException {
    String home = Home.find(connection).schema();
    List<String> places = new ArrayList<>();
    if (home != null) {
      track.names().forEach(name -> places.add(SqlStates.quoted(home) + "." + name));
    }
    Map<String, Map<String, TableColumn>> tables = new LinkedHashMap<>();
    List<String> foreign = new ArrayList<>();
    query(
        connection,
        track,
        places,
        COLUMNS_SQL,
        row -> {
          String table = row.getString(1);
          String kind = row.getString(2);
          if (kind == null) {
            return;
          }
          if (!kind.equals("r") && !kind.equals("p") && !tables.containsKey(table)) {
            foreign.add(table + " is " + (kind.equals("v") ? "a view" : "no table"));
          }
          Map<String, TableColumn> columns =
              tables.computeIfAbsent(table, t -> new LinkedHashMap<>());
          if (row.getString(3) != null) {
            columns.put(
                row.getString(3),
                new TableColumn(row.getString(4), row.getBoolean(5), row.getBoolean(6)));
          }
        });
    List<Obstacle> obstacles = new ArrayList<>();
    for (TableInsert<?> insert : track.written()) {
      Map<String, TableColumn> present = tables.getOrDefault(insert.table(), Map.of());
      obstacles.addAll(columnObstacles(insert, present, track.isFitted()));
    }
    Map<String, String> checks = new HashMap<>();
    query(
        connection,
        track,
        places,
        CONSTRAINTS_SQL.formatted(track.constraints()),
        row -> {
          String table = row.getString(1);
          String column = row.getString(5);
          if (track.isFitted() && !areOurs(track, table, column)) {
            return; // Columns that agentlog leaves alone, with their defaults.
          }
          checks.put(table + "." + column, row.getString(3));
          obstacles.add(
              new Obstacle(
                  "%s has %s %s".formatted(table, row.getString(2), row.getString(3)),
                  areOurs(track, table, column)
                      ? "ALTER TABLE %s DROP CONSTRAINT %s".formatted(table, row.getString(4))
                      : null));
        });
    Set<String> keyed = new HashSet<>();
    query(
        connection,
        track,
        places,
        UNIQUE_SQL,
        row -> {
          String table = row.getString(1);
          String columns = row.getString(3);
          if (track.keys().getOrDefault(table, "").equals(columns)) {
            if (row.getBoolean(6)) {
              keyed.add(table);
            }
          } else {
            boolean removable = areOurs(track, table, columns) && !row.getBoolean(5);
            obstacles.add(
                new Obstacle(
                    "%s has unique %s (%s)".formatted(table, row.getString(2), columns),
                    removable ? row.getString(4) : null));
          }
        });
    List<String> written = new ArrayList<>(track.names());
    written.remove(INSTANCES);
    List<String> missingKeys = new ArrayList<>();
    for (String name : written) {
      if (tables.containsKey(name) && !keyed.contains(name)) {
        missingKeys.add(
            missingKey(connection, track, name, places.get(track.names().indexOf(name))));
      }
    }
    return new Schema(
        missingIn(track, tables, written),
        track.names().contains(INSTANCES)
            ? missingIn(track, tables, List.of(INSTANCES))
            : List.of(),
        hasReports(tables) ? List.of() : List.of("%s (%s)".formatted(INSTANCES, REPORT)),
        foreign,
        missingKeys,
        obstacles,
        track.isFitted() ? limits(tables, checks) : DetailLimits.NONE);
  }

  /** Returns all missing tables and columns, in words. */
  List<String> allMissing() {
    List<String> all = new ArrayList<>(missing);
    all.addAll(missingForLeases);
    all.addAll(missingForReports);
    return all;
  }

  /** True if a missing table or column would make one of our statements fail. */
  boolean isIncomplete() {
    return !allMissing().isEmpty();
  }

  /** True if a table of that name exists, complete or not. */
  boolean isThere(String table) {
    return !missing.contains(ABSENT + table)
        && !missingForLeases.contains(ABSENT + table)
        && foreign.stream().noneMatch(text -> text.startsWith(table + " "));
  }

  /** True if a missing table or column prevents delivery. */
  boolean isUnusable() {
    return !missing.isEmpty();
  }

  /** Says what is missing and what PostgreSQL accepts on this very table. */
  private static String missingKey(Connection connection, Track track, String table, String place)
      throws SQLException {
    String key = track.keys().getOrDefault(table, "");
    String cut = null;
    String cutColumns = null;
    try (PreparedStatement statement = connection.prepareStatement(PARTITION_SQL)) {
      statement.setString(1, place);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          cut = row.getString(1);
          cutColumns = row.getString(2);
        }
      }
    }
    if (cut == null) {
      return "%1$s has no unique index on (%2$s), so a repeated delivery would add rows: run CREATE UNIQUE INDEX CONCURRENTLY ON %1$s (%2$s)"
          .formatted(table, key);
    }
    return cutColumns != null
            && List.of(key.split(", ", -1)).containsAll(List.of(cutColumns.split(", ", -1)))
        ? "%1$s has no unique index on (%2$s), so a repeated delivery would add rows: run CREATE UNIQUE INDEX ON %1$s (%2$s)"
            .formatted(table, key)
        : "%1$s is partitioned by %3$s, where PostgreSQL allows no unique index on (%2$s), so a repeated delivery would add rows: rename the table, so that agentlog makes one of its own, or partition it by HASH (%2$s)"
            .formatted(table, key, cut);
  }

  private static List<String> missingIn(
      Track track, Map<String, Map<String, TableColumn>> tables, List<String> names) {
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      Map<String, TableColumn> present = tables.get(name);
      if (present == null) {
        missing.add(ABSENT + name);
        continue;
      }
      String columns =
          expectedColumns(track, name).stream()
              .filter(column -> !present.containsKey(column))
              .collect(joining(", "));
      if (!columns.isEmpty()) {
        missing.add("%s (%s)".formatted(name, columns));
      }
    }
    return missing;
  }

  /** False for a table without the column; true if the table itself is missing. */
  private static boolean hasReports(Map<String, Map<String, TableColumn>> tables) {
    Map<String, TableColumn> present = tables.get(INSTANCES);
    return present == null || present.containsKey(REPORT);
  }

  private static List<String> expectedColumns(Track track, String table) {
    List<String> columns = new ArrayList<>();
    for (TableInsert<?> insert : track.written()) {
      if (insert.table().equals(table)) {
        insert.columns().forEach(column -> columns.add(column.name()));
      }
    }
    columns.addAll(track.furtherColumns().getOrDefault(table, List.of()));
    return columns;
  }

  /** True if the sink writes all the columns; false for an expression. */
  private static boolean areOurs(Track track, String table, @Nullable String columns) {
    return columns != null
        && expectedColumns(track, table).containsAll(List.of(columns.split(", ", -1)));
  }

  private static <T> List<Obstacle> columnObstacles(
      TableInsert<T> insert, Map<String, TableColumn> present, boolean isFitted) {
    Map<String, Column<T>> ours =
        insert.columns().stream().collect(toMap(Column::name, column -> column));
    List<Obstacle> obstacles = new ArrayList<>();
    present.forEach(
        (name, column) -> {
          Column<T> own = ours.get(name);
          boolean unserved = own == null ? !column.hasDefault : !own.alwaysSet();
          if (column.notNull && unserved) {
            obstacles.add(
                new Obstacle(
                    "%s.%s is NOT NULL".formatted(insert.table(), name),
                    "ALTER TABLE %s ALTER COLUMN \"%s\" DROP NOT NULL"
                        .formatted(insert.table(), name.replace("\"", "\"\""))));
          }
          if (own != null
              && !own.type().equals(column.type)
              && !(isFitted && own.type().equals("text") && column.textLength() > 0)) {
            obstacles.add(
                new Obstacle(
                    "%s.%s is %s, not %s".formatted(insert.table(), name, column.type, own.type()),
                    null));
          }
        });
    return obstacles;
  }

  private static void query(
      Connection connection, Track track, List<String> places, String sql, RowReader reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", track.names().toArray()));
      statement.setArray(2, connection.createArrayOf("text", places.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private static DetailLimits limits(
      Map<String, Map<String, TableColumn>> tables, Map<String, String> checks) {
    Map<String, Integer> lengths = new HashMap<>();
    Set<String> notNull = new HashSet<>();
    tables.forEach(
        (table, columns) ->
            columns.forEach(
                (name, column) -> {
                  String place = table + "." + name;
                  if (column.textLength() > 0) {
                    lengths.put(place, column.textLength());
                  }
                  if (column.notNull) {
                    notNull.add(place);
                  }
                }));
    return new DetailLimits(lengths, notNull, checks);
  }

  private record TableColumn(@Nullable String type, boolean notNull, boolean hasDefault) {
    private static final Pattern LIMITED = Pattern.compile("character varying\\((\\d+)\\)");

    /** Returns the most characters that the column takes; 0 without such a limit. */
    int textLength() {
      Matcher limited = LIMITED.matcher(String.valueOf(type));
      return limited.matches() ? Integer.parseInt(limited.group(1)) : 0;
    }
  }
}

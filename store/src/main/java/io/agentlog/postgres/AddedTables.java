package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Makes the tables that another program keeps beside agentlog's, and the indexes that it needs on
 * agentlog's, for a command. What is there already stays, so it may run again at any time.
 *
 * <p>Neither readers nor writers of agentlog's tables wait: indexes are made {@code CONCURRENTLY}.
 * One that a broken attempt left invalid is dropped first.
 */
public final class AddedTables {
  private static final int TIMEOUT_MILLIS = 12 * 60 * 60 * 1000;

  private static final String HAS_COLUMN =
      """
      SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ?::name AND c.relname = ?::name AND a.attname = ?::name AND NOT a.attisdropped\
      """;

  private static final String KIND =
      """
      SELECT c.relkind::pg_catalog.text, i.indisvalid
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      WHERE n.nspname = ?::pg_catalog.name AND c.relname = ?::pg_catalog.name\
      """;

  private final PostgresTarget target;
  private final Consumer<String> out;

  /**
   * Does no I/O.
   *
   * @param out takes a line about each thing that was done
   */
  public AddedTables(Config config, Consumer<String> out) {
    this.target = PostgresTarget.of(config);
    this.out = out;
  }

  /**
   * An index on a table of agentlog.
   *
   * @param definition what follows the index's name in {@code CREATE INDEX}, with the table's name
   *     where {@code %s} stands
   * @param versionMin the first major version of PostgreSQL that gets it
   * @param otherwise what an older server does instead, for people
   */
  public record Index(
      String name, String table, String definition, int versionMin, String otherwise) {}

  /**
   * Connects, makes what is missing, and says so.
   *
   * @param script makes tables and columns {@code IF NOT EXISTS}; names no schema. It runs if
   *     something of it is missing, so that the command is free to run again beside readers
   * @param tables of the script
   * @param columns of later parts of the script, as {@code TABLE.COLUMN}: one for each part, the
   *     last that it adds
   * @return the database, without secrets
   * @throws SinkUnavailableException if something is missing afterwards; the message says what to
   *     do
   */
  public String run(String script, List<String> tables, List<String> columns, List<Index> indexes)
      throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      Home home = Home.find(connection);
      if (home.serverProcess() != connection.unwrap(PGConnection.class).getBackendPID()) {
        throw problem(
            "a pooler is in front of %s, and its session can't make indexes without locks: name the server itself"
                .formatted(target));
      }
      String schema = home.schema();
      if (schema == null || kind(connection, schema, "agent_execution_logs") == null) {
        throw problem(
            "there is no table agent_execution_logs at %s: start an application with the agent, or run java -jar agentlog.jar migrate"
                .formatted(target));
      }
      execute(connection, "SET search_path = pg_catalog, pg_temp");
      connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
      execute(connection, "SET statement_timeout = 0; SET lock_timeout = 0");
      make(connection, schema, script, tables, columns);
      List<String> refused = new ArrayList<>();
      for (Index index : indexes) {
        make(connection, schema, index, refused);
      }
      if (!refused.isEmpty()) {
        throw problem(String.join("\n", refused));
      }
      return target.toString();
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, true);
    }
  }

  private void make(
      Connection connection,
      String schema,
      String script,
      List<String> tables,
      List<String> columns)
      throws SQLException, SinkUnavailableException {
    List<String> missing = new ArrayList<>();
    for (String table : tables) {
      Found found = kind(connection, schema, table);
      if (found == null) {
        missing.add(table);
      } else if (!found.kind.equals("r") && !found.kind.equals("p")) {
        throw problem(
            "%s.%s at %s is no table: rename it, since the dashboard's table has that name"
                .formatted(schema, table, target));
      }
    }
    for (String column : columns) {
      int dot = column.indexOf('.');
      String table = column.substring(0, dot);
      if (!missing.contains(table)
          && MigrationRun.number(connection, HAS_COLUMN, schema, table, column.substring(dot + 1))
              == null) {
        missing.add("columns of " + table);
      }
    }
    if (missing.isEmpty()) {
      out.accept("tables of the dashboard: all are there, in schema " + schema);
      return;
    }
    String path = SqlStates.quoted(schema);
    connection.setAutoCommit(false);
    execute(connection, "SET LOCAL search_path = " + path + "; SET LOCAL lock_timeout = '5s'");
    try {
      execute(connection, script);
      connection.commit();
    } catch (SQLException e) {
      if (!SqlStates.isLocked(e)) {
        throw e;
      }
      throw problem( // Who reads the pages would wait behind a longer wait.
          "another session holds a lock on a table of the dashboard at %s, perhaps a backup, a report or a running dashboard: run migrate again later"
              .formatted(target));
    }
    connection.setAutoCommit(true);
    out.accept("made in schema %s: %s".formatted(schema, String.join(", ", missing)));
  }

  private void make(Connection connection, String schema, Index index, List<String> refused)
      throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < index.versionMin) {
      out.accept(
          "index %s: not made on PostgreSQL %s; %s"
              .formatted(index.name, version, index.otherwise));
      return;
    }
    if (!freeName(connection, schema, index, refused)) {
      return;
    }
    Found found = kind(connection, schema, index.name);
    if (found != null && found.isValid == null) {
      refused.add(
          "%s.%s at %s is no index: rename it, then run migrate again"
              .formatted(schema, index.name, target));
      return;
    }
    if (found != null && Boolean.TRUE.equals(found.isValid)) {
      out.accept("index %s: is there".formatted(index.name));
      return;
    }
    String table = SqlStates.quoted(schema) + "." + index.table;
    String definition = index.name + " " + index.definition.formatted(table);
    Found indexed = kind(connection, schema, index.table);
    boolean byDay = PartitionedIndex.isNeeded(connection, schema, index.table);
    if (indexed != null && indexed.kind.equals("p") && !byDay) {
      refused.add(
          "%s at %s is partitioned, and PostgreSQL makes no index on such a table without locking out its writers. At a quiet time, run CREATE INDEX %s"
              .formatted(index.table, target, definition));
      return;
    }
    make(connection, schema, index, definition, refused, found != null, byDay);
  }

  /** A table that its owner has renamed keeps its indexes, with the names that a new one needs. */
  private boolean freeName(Connection connection, String schema, Index index, List<String> refused)
      throws SQLException {
    try {
      RenamedTable.freeName(connection, schema, index.name, index.table);
      return true;
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      refused.add(
          "an index of another table at %s has the name %s (%s): rename it, then run migrate again"
              .formatted(target, index.name, SqlStates.shortText(e)));
      return false;
    }
  }

  private void make(
      Connection connection,
      String schema,
      Index index,
      String definition,
      List<String> refused,
      boolean isInvalid,
      boolean byDay)
      throws SQLException {
    if (MigrationRun.number(connection, IndexBuild.IS_BUSY, schema, index.table) != null) {
      refused.add(
          "index %s is not made, because another session makes an index on %s or cleans it up: run migrate again later"
              .formatted(index.name, index.table));
      return;
    }
    try {
      if (isInvalid && !byDay) {
        execute(
            connection, "DROP INDEX CONCURRENTLY " + SqlStates.quoted(schema) + "." + index.name);
        out.accept("index %s: an attempt had left it invalid; dropped".formatted(index.name));
      }
      out.accept(
          "index %s: is being made, concurrently%s"
              .formatted(index.name, byDay ? ", partition by partition" : ""));
      long start = System.nanoTime();
      if (byDay) {
        String table = SqlStates.quoted(schema) + "." + index.table;
        PartitionedIndex.make(
            connection,
            schema,
            index.table,
            index.name,
            definition.substring(definition.indexOf(table) + table.length()));
      } else {
        execute(connection, "CREATE INDEX CONCURRENTLY " + definition);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      out.accept("index %s: made in %s s".formatted(index.name, took.toMillis() / 1_000.0));
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      refused.add(
          "index %s can't be made at %s (%s)%s"
              .formatted(
                  index.name,
                  target,
                  SqlStates.shortText(e),
                  SqlStates.isMissingRight(e)
                      ? ": run migrate as the owner of " + index.table
                      : ""));
    }
  }

  private record Found(String kind, @Nullable Boolean isValid) {}

  private static @Nullable Found kind(Connection connection, String schema, String name)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(KIND)) {
      statement.setString(1, schema);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Found(row.getString(1), row.getObject(2, Boolean.class)) : null;
      }
    }
  }

  private static SinkUnavailableException problem(String text) {
    return new SinkUnavailableException(text, null);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

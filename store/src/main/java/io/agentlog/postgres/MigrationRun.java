package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Script.Step;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass through the scripts that the tables have not seen. Statements on tables that this run
 * makes share a transaction; the new columns of a table that was there are a transaction of their
 * own, so that the table's lock is held for milliseconds. A script is recorded as run when nothing
 * of it and of those before it is missing. Used once.
 */
final class MigrationRun {
  /** "agentlog" in ASCII. Every version uses this key, so that two versions exclude each other. */
  private static final long LOCK_KEY = 0x6167656e746c6f67L;

  /**
   * The first wait is for other JVMs that migrate, behind which nobody else waits; the second for
   * the tables. Nothing but {@code pg_catalog} is searched, because scripts name schemas.
   */
  private static final List<String> BEGIN =
      List.of(
          "SET LOCAL lock_timeout = '5s'",
          "SET LOCAL search_path = pg_catalog, pg_temp",
          "SELECT pg_catalog.pg_advisory_xact_lock(" + LOCK_KEY + ")",
          "SET LOCAL lock_timeout = " + Migrations.LOCK_TIMEOUT_MILLIS);

  /** Version that made the views before {@link #VIEWS}. */
  private static final int FIRST_VIEWS = 2;

  private static final int VIEWS = 4;

  private static final String IS_THERE =
      """
      SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ?::name AND c.relname = ?::name\
      """;

  private static final String IS_PARTITIONED = IS_THERE + " AND c.relkind = 'p'";

  private static final String COLUMN_COUNT =
      """
      SELECT pg_catalog.count(*)::integer FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ?::name AND c.relname = ?::name AND a.attname::text = ANY (pg_catalog.string_to_array(?, ','))
        AND NOT a.attisdropped\
      """;

  private final Connection connection;
  private final String home;
  private final PostgresTarget target;
  private final Track track;
  private final String versionTable;
  private final Set<String> made = new HashSet<>();
  private final List<Step> missing = new ArrayList<>();

  /** {@code home} is the schema of the tables, without quotes. */
  MigrationRun(Connection connection, String home, PostgresTarget target, Track track) {
    this.connection = connection;
    this.home = home;
    this.target = target;
    this.track = track;
    this.versionTable = SqlStates.quoted(home) + "." + track.versionTable();
  }

  /**
   * Runs the scripts and commits.
   *
   * @param again true to run scripts that are recorded, too
   * @return indexes that are missing on tables that others use
   */
  List<Step> run(boolean again) throws SQLException {
    begin();
    if (!isThere(track.versionTable())) {
      execute(
          "CREATE TABLE "
              + versionTable
              + " (version integer PRIMARY KEY, script text NOT NULL, applied_at timestamptz NOT"
              + " NULL DEFAULT now())");
    }
    int seen = again ? 0 : version(connection, versionTable);
    for (String name : track.scripts()) {
      Script script = Script.of(name, home);
      if (script.version() > seen) {
        boolean viewsAreOld =
            track.equals(Track.EXECUTIONS) && script.version() == VIEWS && seen >= FIRST_VIEWS;
        for (Step step : viewsAreOld ? List.<Step>of() : script.steps()) {
          run(step);
        }
        writeDown(script);
      }
    }
    connection.commit();
    return missing;
  }

  /** Runs one statement in a transaction, with the limits of a migration. */
  static void relax(Connection connection, String sql) throws SQLException {
    connection.commit();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = " + Migrations.LOCK_TIMEOUT_MILLIS);
      statement.execute(sql);
    }
    connection.commit();
  }

  private void begin() throws SQLException {
    for (String sql : BEGIN) {
      execute(sql);
    }
  }

  private void run(Step step) throws SQLException {
    switch (step.kind()) {
      case TABLE -> {
        if (!isThere(step.name())) {
          execute(step.sql());
          made.add(step.name());
        }
      }
      case COLUMNS -> addColumns(step);
      case INDEX -> addIndex(step);
      case VIEW -> {
        boolean isThere = isThere(step.name());
        if (!isThere || RenamedTable.views(connection, home, track).contains(step.name())) {
          String sql =
              isThere ? step.sql().replaceFirst("CREATE", "CREATE OR REPLACE") : step.sql();
          if (orLeaveOut("view", step, () -> execute(sql))) {
            made.add(step.name());
          }
        }
      }
      case COMMENT -> {
        if (made.contains(step.name())) {
          execute(step.sql());
        }
      }
    }
  }

  private void addColumns(Step step) throws SQLException {
    if (made.contains(step.table())) {
      execute(step.sql());
    } else if (!hasColumns(step)) {
      connection.commit();
      begin();
      execute(step.sql());
      connection.commit(); // Whoever waits for the table goes on.
      begin();
    }
  }

  private void addIndex(Step step) throws SQLException {
    if (made.contains(step.table())) {
      orLeaveOut(
          "index",
          step,
          () -> {
            RenamedTable.freeName(connection, home, step.name(), step.table());
            execute(step.sql());
          });
    } else if (find(IndexBuild.IS_VALID, home, step.name(), step.table()) == null) {
      if (find(IS_PARTITIONED, home, step.table()) == null
          || PartitionedIndex.isNeeded(connection, home, step.table())) {
        missing.add(step);
      } else {
        AgentLog.warn(
            "postgres",
            "schema at %s: PostgreSQL makes no index on a partitioned table without a lock. Run it at a quiet time: %s"
                .formatted(target, step.sql()));
      }
    }
  }

  /** Returns false if what a step makes is left out, which keeps no row from being written. */
  private boolean orLeaveOut(String kind, Step step, Make make) throws SQLException {
    execute("SAVEPOINT step");
    try {
      make.run();
      return true;
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e) || SqlStates.isPassing(e)) {
        throw e;
      }
      execute("ROLLBACK TO SAVEPOINT step");
      AgentLog.warn(
          "postgres",
          "schema at %s: %s %s is left out: %s"
              .formatted(target, kind, step.name(), SqlStates.shortText(e)));
      return false;
    }
  }

  private interface Make {
    void run() throws SQLException;
  }

  private void writeDown(Script script) throws SQLException {
    if (!missing.isEmpty()) {
      return; // Another JVM learns from the missing record that indexes are to be made.
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO "
                + versionTable
                + " (version, script) VALUES (?, ?) ON CONFLICT (version) DO NOTHING")) {
      insert.setInt(1, script.version());
      insert.setString(2, script.name());
      insert.executeUpdate();
    }
    AgentLog.info("postgres", "schema at %s: ran %s".formatted(target, script.name()));
  }

  private boolean isThere(String relation) throws SQLException {
    return find(IS_THERE, home, relation) != null;
  }

  private boolean hasColumns(Step step) throws SQLException {
    Integer count = find(COLUMN_COUNT, home, step.table(), String.join(",", step.columns()));
    return count != null && count == step.columns().size();
  }

  private @Nullable Integer find(String sql, String... parameters) throws SQLException {
    return number(connection, sql, parameters);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the latest version that a table of versions has. */
  static int version(Connection connection, String table) throws SQLException {
    Integer version =
        number(connection, "SELECT COALESCE(pg_catalog.max(version), 0) FROM " + table);
    return version == null ? 0 : version;
  }

  /** Returns the number in the first row; null without a row. */
  static @Nullable Integer number(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getInt(1) : null;
      }
    }
  }
}

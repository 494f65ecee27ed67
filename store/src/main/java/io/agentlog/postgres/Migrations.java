package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import io.agentlog.config.SchemaMode;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings the tables to what the sink needs, or reports what is missing. A migration is a script
 * that may run again. Due migrations run in order, in one transaction, under a lock that all JVMs
 * of a database share. No script runs if nothing is missing, so that a user without the right to
 * change tables is enough from then on.
 *
 * <p>Scripts make tables in the schema in which the search path finds {@code agent_execution_logs},
 * otherwise in the first schema of the path.
 *
 * <p>Not thread-safe: the sink's thread alone.
 */
final class Migrations {
  /** File names without the ending, in order; the place in the list, from 1, is the version. */
  static final List<String> SCRIPTS = List.of("V001__tables", "V002__views", "V003__kind");

  static final String VERSION_TABLE = "agentlog_schema_version";

  /** "agentlog" in ASCII. Every version uses this key, so that two versions exclude each other. */
  private static final long LOCK_KEY = 0x6167656e746c6f67L;

  /**
   * Short, because a waiting ALTER TABLE makes all later users of the table wait behind it, the
   * application among them.
   */
  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'";

  /**
   * Longer than a batch may take, because a script may index a large table of the Python logger.
   */
  private static final int MIGRATION_TIMEOUT_MILLIS = 600_000;

  /** SQLSTATE of the warnings that a script raises. */
  private static final String SCRIPT_WARNING = "01000";

  private final PostgresTarget target;
  private List<Obstacle> reportedObstacles = List.of();

  Migrations(PostgresTarget target) {
    this.target = target;
  }

  /**
   * Migrates, validates or does nothing, as {@code postgres.schema} says. Leaves no transaction
   * open.
   *
   * @throws SinkUnavailableException if the tables are not usable, with what to do
   */
  void prepare(Connection connection) throws SQLException, SinkUnavailableException {
    if (target.schemaMode() == SchemaMode.OFF) {
      return;
    }
    Schema schema = Schema.read(connection);
    boolean due = schema.isIncomplete() || isBehind(connection);
    connection.commit();
    if (due && target.schemaMode() == SchemaMode.MIGRATE && schema.foreign().isEmpty()) {
      schema = migrate(connection, schema);
    }
    check(schema);
    if (!schema.obstacles().equals(reportedObstacles)) {
      reportedObstacles = schema.obstacles();
      if (!reportedObstacles.isEmpty()) {
        AgentLog.warn(
            "postgres",
            "the tables at %s may refuse some rows: %s"
                .formatted(
                    target, reportedObstacles.stream().map(Obstacle::text).collect(joining("; "))));
      }
    }
  }

  /**
   * Drops the obstacles that would refuse rows, as far as no row, no type and no object of others
   * depends on them. Commits one transaction.
   *
   * @return the statements that ran
   * @throws SQLException if the server refuses a statement, for example because an object of the
   *     user's needs the obstacle
   */
  List<String> relax(Connection connection) throws SQLException {
    List<String> run = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK_TIMEOUT);
      for (Obstacle obstacle : Schema.read(connection).obstacles()) {
        String remedy = obstacle.remedy();
        if (remedy != null) {
          statement.execute(remedy);
          run.add(remedy);
        }
      }
    }
    connection.commit();
    return run;
  }

  private void check(Schema schema) throws SinkUnavailableException {
    if (!schema.foreign().isEmpty()) {
      throw new SinkUnavailableException(foreign(schema, target), null);
    }
    if (schema.isUnusable()) {
      throw new SinkUnavailableException(
          "the schema at %s is missing %s: set agentlog.postgres.schema=migrate, once as a user who may alter them"
              .formatted(target, String.join(", ", schema.missing())),
          null);
    }
  }

  /** Message that another object has the name of one of our tables, and what to do. */
  static String foreign(Schema schema, PostgresTarget target) {
    return "%s at %s: rename it, or set agentlog.postgres.client.currentSchema to a schema of agentlog's own"
        .formatted(String.join(", ", schema.foreign()), target);
  }

  /** Delivers without leases, if the right to make their table is all that is missing. */
  private Schema migrate(Connection connection, Schema found) throws SQLException {
    int timeout = connection.getNetworkTimeout();
    try {
      return migrate(connection);
    } catch (SQLException e) {
      if (found.isUnusable() || !SqlStates.isMissingRight(e)) {
        throw e;
      }
      connection.rollback(); // The lease will say what is missing.
      connection.setNetworkTimeout(Runnable::run, timeout);
      return found;
    }
  }

  private Schema migrate(Connection connection) throws SQLException {
    int timeout = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, MIGRATION_TIMEOUT_MILLIS);
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK_TIMEOUT);
      statement.execute("SELECT pg_advisory_xact_lock(" + LOCK_KEY + ")");
      statement.execute(
          """
          SELECT set_config('search_path', quote_ident(home) || ', ' || current_setting('search_path'), true)
          FROM (SELECT COALESCE((SELECT relnamespace::regnamespace::text FROM pg_class
                                 WHERE oid = to_regclass('agent_execution_logs')), current_schema()) AS home) AS h
          WHERE home IS NOT NULL""");
      statement.execute(
          "CREATE TABLE IF NOT EXISTS "
              + VERSION_TABLE
              + " (version integer PRIMARY KEY, script text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
      applyAfter(appliedVersion(connection), connection); // None, if another JVM was faster.
      if (Schema.read(connection).isIncomplete()) {
        applyAfter(0, connection); // A table or column that a script had made is gone.
      }
    }
    Schema schema = Schema.read(connection);
    connection.commit();
    connection.setNetworkTimeout(Runnable::run, timeout);
    return schema;
  }

  private void applyAfter(int applied, Connection connection) throws SQLException {
    for (int version = applied + 1; version <= SCRIPTS.size(); version++) {
      apply(connection, version);
    }
  }

  private void apply(Connection connection, int version) throws SQLException {
    String name = SCRIPTS.get(version - 1);
    try (Statement statement = connection.createStatement()) {
      statement.execute(script(name));
      for (SQLWarning said = statement.getWarnings(); said != null; said = said.getNextWarning()) {
        if (SCRIPT_WARNING.equals(said.getSQLState())) { // The rest: that something is there.
          AgentLog.warn("postgres", "schema at %s: %s".formatted(target, said.getMessage()));
        }
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO "
                + VERSION_TABLE
                + " (version, script) VALUES (?, ?) ON CONFLICT (version) DO NOTHING")) {
      insert.setInt(1, version);
      insert.setString(2, name);
      insert.executeUpdate();
    }
    AgentLog.info("postgres", "schema at %s: ran %s".formatted(target, name));
  }

  /** False if this user may not read the version; then only missing tables and columns count. */
  private static boolean isBehind(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT 1 FROM pg_class WHERE oid = to_regclass('"
                    + VERSION_TABLE
                    + "') AND has_table_privilege(oid, 'SELECT')")) {
      return row.next() && appliedVersion(connection) < SCRIPTS.size();
    }
  }

  private static int appliedVersion(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT COALESCE(max(version), 0) FROM " + VERSION_TABLE)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** The text of a script. */
  static String script(String name) {
    String path = "migrations/" + name + ".sql";
    try (@Nullable InputStream in = Migrations.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing in the agent's jar");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the agent's jar can't be read at " + path, e);
    }
  }
}

package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.config.SchemaMode;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Brings the tables to what the sink needs, or reports what is missing. The scripts that the tables
 * have not seen run in order, under a lock that all JVMs of a database share. No script runs if
 * nothing is missing, so that a user without the right to change tables is enough from then on.
 *
 * <p>Nobody waits for a migration of a table that others use. The lock that a new column needs is
 * waited for {@link #LOCK_TIMEOUT_MILLIS}, because everybody else's statements wait behind one that
 * waits for it; after that it is tried again seldom. An index is left to {@link IndexBuild}.
 *
 * <p>Not thread-safe: the sink's thread alone.
 */
final class Migrations {
  /** Longest wait for a lock on a table that others use. */
  static final int LOCK_TIMEOUT_MILLIS = 50;

  /** First wait after a lock that was not free; doubles up to {@link #RETRY_NANOS_MAX}. */
  static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);

  static final long RETRY_NANOS_MAX = TimeUnit.MINUTES.toNanos(5);

  private final PostgresTarget target;
  private final Track track;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private List<Obstacle> reportedObstacles = List.of();
  private DetailLimits limits = DetailLimits.NONE;
  private List<Script.Step> missingIndexes = List.of();
  private long retryNanos = RETRY_NANOS;
  private long retryAtNanos;
  private boolean isLockedOut;

  /**
   * Does no I/O.
   *
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0, so that JVMs don't ask for a lock together
   */
  Migrations(PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this(target, Track.EXECUTIONS, nanoTime, random);
  }

  /** As the other constructor, for the tables of a track. */
  Migrations(PostgresTarget target, Track track, LongSupplier nanoTime, DoubleSupplier random) {
    this.target = target;
    this.track = track;
    this.nanoTime = nanoTime;
    this.random = random;
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
    WriteLimit.begin(connection);
    Schema schema = Schema.read(connection, track);
    boolean due =
        target.schemaMode() == SchemaMode.MIGRATE
            && schema.foreign().isEmpty()
            && schema.missingKeys().isEmpty()
            && (schema.isIncomplete() || isBehind(connection) || readsOldTable(connection));
    connection.commit();
    if (due && (!isLockedOut || nanoTime.getAsLong() - retryAtNanos >= 0)) {
      schema = migrate(connection, schema);
    }
    check(schema);
    limits = schema.limits();
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

  /** True after {@link #prepare} if another session's lock on a table kept it from migrating. */
  boolean isLockedOut() {
    return isLockedOut;
  }

  /** Lets the next {@link #prepare} ask for the lock again. */
  void retryNow() {
    retryAtNanos = nanoTime.getAsLong();
  }

  /** Returns to what the last {@link #prepare} found that values of details must fit. */
  DetailLimits limits() {
    return limits;
  }

  /** Returns the indexes that the last migration left to be made while the tables are in use. */
  List<Script.Step> missingIndexes() {
    return missingIndexes;
  }

  /**
   * Drops the obstacles that would refuse rows, as far as no row, no type and no object of others
   * depends on them. Each statement is a transaction; one that was run is not found again.
   *
   * @return the statements that ran
   * @throws SQLException if the server refuses a statement, for example because an object of the
   *     user's needs the obstacle
   */
  List<String> relax(Connection connection) throws SQLException {
    List<String> run = new ArrayList<>();
    for (Obstacle obstacle : Schema.read(connection, track).obstacles()) {
      String remedy = obstacle.remedy();
      if (remedy != null) {
        MigrationRun.relax(connection, remedy);
        run.add(remedy);
      }
    }
    connection.commit();
    return run;
  }

  private void check(Schema schema) throws SinkUnavailableException {
    if (!schema.foreign().isEmpty()) {
      throw new SinkUnavailableException(foreign(schema, target), null);
    }
    if (!schema.missingKeys().isEmpty()) {
      throw new SinkUnavailableException(
          "at %s %s".formatted(target, String.join("; ", schema.missingKeys())), null);
    }
    if (!schema.isUnusable()) {
      return;
    }
    String problem =
        "the schema at %s is missing %s: ".formatted(target, String.join(", ", schema.missing()));
    throw new SinkUnavailableException(
        problem
            + (isLockedOut
                ? "another session holds a lock on the table, perhaps a backup, a report or an open transaction. agentlog adds what is missing once the lock is free; it asks for the lock seldom and for %s ms, so that nobody waits for agentlog"
                    .formatted(LOCK_TIMEOUT_MILLIS)
                : "set agentlog.postgres.schema=migrate, once as a user who may alter them"),
        null);
  }

  /** Message that another object has the name of one of our tables, and what to do. */
  static String foreign(Schema schema, PostgresTarget target) {
    return "%s at %s: rename it, or set agentlog.postgres.client.currentSchema to a schema of agentlog's own"
        .formatted(String.join(", ", schema.foreign()), target);
  }

  /** Delivers without leases, if the right to make their table is all that is missing. */
  private Schema migrate(Connection connection, Schema found) throws SQLException {
    try {
      Schema schema = run(connection, false);
      if (schema.isIncomplete() || readsOldTable(connection)) {
        schema = run(connection, true); // A table or column that a script had made is gone.
      }
      isLockedOut = false;
      retryNanos = RETRY_NANOS;
      return schema;
    } catch (SQLException e) {
      if (SqlStates.isLocked(e)) {
        isLockedOut = true;
        retryAtNanos =
            nanoTime.getAsLong() + (long) (retryNanos * (0.75 + random.getAsDouble() / 2));
        retryNanos = Math.min(2 * retryNanos, RETRY_NANOS_MAX);
      } else if (found.isUnusable() || !SqlStates.isMissingRight(e)) {
        throw e; // Otherwise the lease will say what is missing.
      }
      connection.rollback();
      return found;
    }
  }

  private Schema run(Connection connection, boolean again) throws SQLException {
    Home home = Home.find(connection);
    if (home.schema() == null) {
      throw new SQLException("no schema has been selected to create in", "3F000");
    }
    missingIndexes = new MigrationRun(connection, home.schema(), target, track).run(again);
    Schema schema = Schema.read(connection, track);
    connection.commit();
    return schema;
  }

  /** True if a view reads a table that its owner has renamed. */
  private boolean readsOldTable(Connection connection) throws SQLException {
    String home = Home.find(connection).schema();
    boolean reads = home != null && !RenamedTable.views(connection, home, track).isEmpty();
    connection.commit();
    return reads;
  }

  /** False if this user may not read the version; then only missing tables and columns count. */
  private boolean isBehind(Connection connection) throws SQLException {
    Integer readable =
        MigrationRun.number(
            connection,
            "SELECT 1 FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass('"
                + track.versionTable()
                + "')::oid AND pg_catalog.has_table_privilege(oid, 'SELECT')");
    return readable != null
        && MigrationRun.version(connection, track.versionTable()) < track.latest();
  }
}

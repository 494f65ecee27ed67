package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Script.Step;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Makes indexes on tables that others use, {@code CONCURRENTLY}, so that neither readers nor
 * writers wait. An index that a broken attempt left invalid is dropped first. Has a connection of
 * its own, because an index of a large table takes its time and events are delivered meanwhile. One
 * session of a database builds at a time: two on one table would wait for each other.
 *
 * <p>The sink's thread calls it; the agent's indexes are made on a daemon thread that ends with
 * them.
 */
final class IndexBuild implements AutoCloseable {
  /** Wait after an attempt that was refused or found another session at work. */
  static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(10);

  /**
   * A row if the index of a schema and table is there and valid, or a relation that is no index has
   * its name.
   */
  static final String IS_VALID =
      """
      SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      WHERE n.nspname = ?::name AND c.relname = ?::name
        AND (i.indexrelid IS NULL OR i.indisvalid AND t.relname = ?::name AND t.relnamespace = n.oid)""";

  /** A row if another session builds an index on the table, or cleans the table up. */
  static final String IS_BUSY =
      """
      SELECT 1 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
      WHERE n.nspname = ?::name AND c.relname = ?::name AND l.granted
        AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()""";

  /** "agentidx" in ASCII. */
  private static final long LOCK_KEY = 0x6167656e74696478L;

  /** The longest that a statement may take. An index waits for transactions that are older. */
  private static final int TIMEOUT_MILLIS = 12 * 60 * 60 * 1000;

  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private List<Step> steps = List.of();
  private long startAtNanos;
  private boolean isRunning;
  private final Set<String> refused = new HashSet<>();
  private volatile boolean hasEnded;
  private volatile boolean isClosed;
  private volatile @Nullable Connection connection;

  /** Does no I/O. */
  IndexBuild(PostgresTarget target, LongSupplier nanoTime) {
    this.target = target;
    this.nanoTime = nanoTime;
  }

  /** Makes these indexes from now on; none if there are none. */
  void need(List<Step> missing) {
    if (!isRunning && !missing.equals(steps)) {
      steps = missing;
      startAtNanos = nanoTime.getAsLong();
    }
  }

  /**
   * Starts the thread if it is time to.
   *
   * @return true if the thread has ended since the last call, so that the tables look different
   */
  boolean advance() {
    if (steps.isEmpty()) {
      return false;
    }
    if (isRunning) {
      isRunning = !hasEnded;
      if (hasEnded) {
        startAtNanos = nanoTime.getAsLong() + RETRY_NANOS;
      }
      return hasEnded;
    }
    if (nanoTime.getAsLong() - startAtNanos >= 0) {
      startAtNanos = nanoTime.getAsLong() + RETRY_NANOS; // If there is no thread for it, say.
      List<Step> wanted = steps;
      Thread thread = AgentThreads.daemon("agentlog-postgres-index", () -> runAll(wanted));
      hasEnded = false;
      thread.start();
      isRunning = true;
    }
    return false;
  }

  private void runAll(List<Step> wanted) {
    try {
      build(wanted);
    } catch (SQLException | RuntimeException | Error e) {
      AgentLog.debug("postgres", "indexes are made later: " + AgentLog.describe(e));
    } finally {
      hasEnded = true;
    }
  }

  /**
   * Makes indexes, as far as they are missing and no other session is at it. What the server
   * refuses is reported.
   *
   * @throws SQLException if the server can't be reached
   */
  void build(List<Step> wanted) throws SQLException {
    try (Connection own = new AgentDataSource(target).getConnection()) {
      connection = own;
      if (isClosed) {
        return;
      }
      Home home = Home.find(own);
      if (home.schema() == null) {
        return;
      }
      if (home.serverProcess() != own.unwrap(PGConnection.class).getBackendPID()) {
        AgentLog.warn(
            "postgres",
            "indexes are missing at %s, and a pooler's session can't make them without locks: run java -jar agentlog.jar migrate straight at the server, past the pooler"
                .formatted(target));
        return;
      }
      own.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
      for (String setting : List.of("lock_timeout", "statement_timeout")) {
        execute(own, "SET " + setting + " = 0");
      }
      execute(own, "SET search_path = pg_catalog, pg_temp");
      Integer free =
          MigrationRun.number(
              own, "SELECT pg_catalog.pg_try_advisory_lock(" + LOCK_KEY + ")::integer");
      for (Step step : free != null && free == 1 ? wanted : List.<Step>of()) {
        make(step, home.schema(), own); // The lock ends with the session.
      }
    } finally {
      connection = null;
    }
  }

  private void make(Step step, String home, Connection own) throws SQLException {
    if (MigrationRun.number(own, IS_VALID, home, step.name(), step.table()) != null
        || MigrationRun.number(own, IS_BUSY, home, step.table()) != null) {
      return;
    }
    AgentLog.info(
        "postgres", "schema at %s: makes index %s, concurrently".formatted(target, step.name()));
    try {
      RenamedTable.freeName(own, home, step.name(), step.table());
      if (PartitionedIndex.isNeeded(own, home, step.table())) {
        String place = SqlStates.quoted(home) + "." + step.table();
        String definition = step.sql().substring(step.sql().indexOf(place) + place.length());
        PartitionedIndex.make(own, home, step.table(), step.name(), definition);
        return;
      }
      execute(
          own, "DROP INDEX CONCURRENTLY IF EXISTS " + SqlStates.quoted(home) + "." + step.name());
      execute(own, step.sql().replaceFirst("CREATE INDEX", "CREATE INDEX CONCURRENTLY"));
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      if (!SqlStates.isLocked(e) && refused.add(step.name())) {
        AgentLog.warn(
            "postgres",
            "schema at %s: index %s can't be made (%s). Rows are written all the same; queries that need the index are slow. It is tried again"
                .formatted(target, step.name(), SqlStates.shortText(e)));
      }
    }
  }

  /** Leaves a statement that runs to the server, which ends it or leaves the index invalid. */
  @Override
  public void close() {
    isClosed = true;
    Connection own = connection;
    if (own != null) {
      try {
        own.abort(Runnable::run);
      } catch (SQLException e) {
        AgentLog.debug("postgres", "can't close a connection: " + e.getClass().getSimpleName());
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

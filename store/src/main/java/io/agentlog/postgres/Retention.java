package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Removes executions that ended longer ago than {@code retention}, by the database's clock, with
 * their progress and their decisions. An execution in progress stays, whatever its age, unless its
 * row has no {@code started_at}.
 *
 * <p>A statement removes at most {@link #ROWS_MAX} executions, so that locks are short, and then
 * rests three times as long as it took. It passes over rows that another JVM is removing or
 * writing, so any number of them may prune the same tables.
 *
 * <p>Never an outage by itself: what the server says of these statements is reported once and tried
 * again later; only a server that can't be reached is thrown. Not thread-safe: the sink's thread
 * alone.
 */
final class Retention {
  static final int ROWS_MAX = 1_000;

  /** From the end of a run to the next, give or take a quarter. */
  static final long RUN_NANOS = 300_000_000_000L;

  /** After a refusal, which somebody has to mend. */
  static final long REFUSED_RETRY_NANOS = 600_000_000_000L;

  /** How many times as long as a statement took nothing is removed after it. */
  private static final int REST_FACTOR = 3;

  private static final long LINE_NANOS = 3_600_000_000_000L;

  /** The whole run's rows stand in this order, so a statement begins where the last one ended. */
  private static final String FROM_THE_START = "-infinity";

  private static final String ENDED =
      removal(
          """
          started_at >= ?::timestamptz AND started_at < now() - make_interval(secs => ?)
              AND COALESCE(completed_at, started_at) < now() - make_interval(secs => ?) AND status <> 'in_progress'
            ORDER BY started_at""",
          "started_at");

  /** Rows whose start never came: of a table that was lifted, or of events that came too late. */
  private static final String STARTLESS =
      removal(
          """
          started_at IS NULL AND created_at >= ?::timestamptz AND created_at < now() - make_interval(secs => ?)
              AND COALESCE(completed_at, created_at) < now() - make_interval(secs => ?)""",
          "created_at");

  private static final List<String> STATEMENTS = List.of(ENDED, STARTLESS);

  private final Duration age;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  private int statement;
  private String from = FROM_THE_START;
  private long dueAtNanos;
  private boolean isRefused;
  private long removedCount;
  private long lineAtNanos;

  /**
   * Does no I/O.
   *
   * @param age of the executions that go, from their end
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0, so that JVMs that started together don't prune together
   */
  Retention(Duration age, PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this.age = age;
    this.target = target;
    this.nanoTime = nanoTime;
    this.random = random;
    long now = nanoTime.getAsLong();
    dueAtNanos = now + (long) (RUN_NANOS / 4 * random.getAsDouble()); // Not with the start's load.
    lineAtNanos = now;
  }

  /** True if {@link #prune} has something to do. */
  boolean isDue() {
    return nanoTime.getAsLong() - dueAtNanos >= 0;
  }

  /**
   * Removes one statement's worth of rows, in a transaction of its own.
   *
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  void prune(Connection connection) throws SQLException {
    long begin = nanoTime.getAsLong();
    try {
      int count = remove(connection);
      connection.commit();
      isRefused = false;
      removedCount += count;
      long now = nanoTime.getAsLong();
      if (count == ROWS_MAX) {
        dueAtNanos = now + REST_FACTOR * (now - begin);
      } else {
        next(now);
      }
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      connection.rollback();
      refused(e);
    }
  }

  private int remove(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(STATEMENTS.get(statement))) {
      delete.setString(1, from);
      for (int parameter = 2; parameter <= 4; parameter++) {
        delete.setDouble(parameter, age.toMillis() / 1e3); // Seconds.
      }
      try (ResultSet row = delete.executeQuery()) {
        row.next();
        int count = row.getInt(1);
        String last = row.getString(2);
        if (statement == 0 && last != null) { // The other one has no order to go by.
          from = last;
        }
        return count;
      }
    }
  }

  private void next(long now) {
    from = FROM_THE_START;
    statement = (statement + 1) % STATEMENTS.size();
    if (statement > 0) {
      dueAtNanos = now;
      return;
    }
    dueAtNanos = now + jittered(RUN_NANOS);
    if (removedCount > 0 && now - lineAtNanos >= 0) {
      AgentLog.info(
          "postgres",
          "removed %d executions at %s that ended longer ago than agentlog.retention"
              .formatted(removedCount, target));
      removedCount = 0;
      lineAtNanos = now + LINE_NANOS;
    }
  }

  private void refused(SQLException e) {
    boolean isPassing = SqlStates.isPassing(e);
    dueAtNanos = nanoTime.getAsLong() + jittered(isPassing ? RUN_NANOS : REFUSED_RETRY_NANOS);
    if (!isPassing && !isRefused) {
      isRefused = true;
      AgentLog.warn("postgres", SqlStates.notPruned(e, target));
    }
  }

  /** Three to five quarters of it. */
  private long jittered(long nanos) {
    return (long) (nanos * (0.75 + random.getAsDouble() / 2));
  }

  /**
   * A decision has no execution's ID, only its request's; one that is younger than that stays for
   * the executions of the request that do.
   */
  private static String removal(String condition, String order) {
    return """
        WITH old AS (
          SELECT execution_id, correlation_id FROM agent_execution_logs
          WHERE %s
          LIMIT %d FOR UPDATE SKIP LOCKED
        ), progress AS (
          DELETE FROM agent_execution_progress p USING old WHERE p.execution_id = old.execution_id
        ), decisions AS (
          DELETE FROM agent_routing_decisions d USING old
          WHERE d.correlation_id = old.correlation_id AND d.created_at < now() - make_interval(secs => ?)
        ), gone AS (
          DELETE FROM agent_execution_logs t USING old WHERE t.execution_id = old.execution_id
          RETURNING t.%s AS place
        )
        SELECT count(*), max(place)::text FROM gone"""
        .formatted(condition, ROWS_MAX, order);
  }
}

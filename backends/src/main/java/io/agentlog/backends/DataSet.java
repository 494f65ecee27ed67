package io.agentlog.backends;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Made executions of twenty agents over the 90 days before a moment, the same in each run.
 *
 * <p>Two stages and half a decision an execution on average. Requests of one to four nested
 * executions follow a curve of days and weeks; the last hour is lively, some executions still run
 * at the end, and three are left of a JVM that is gone. Prompts repeat, errors come in groups, and
 * near the end one agent fails more, another is slower, and a third gives worse answers.
 *
 * <p>The database makes the rows. The tables must exist in the first schema of the search path.
 * Thread-safe: several connections may write different batches.
 */
public final class DataSet {
  private static final long BATCH_SIZE = 50_000;
  private static final Duration SPAN = Duration.ofDays(90);
  private static final Duration LIVELY = Duration.ofHours(1);
  private static final long LIVELY_REQUESTS_MAX = 1_200;
  private static final long RUNNING_REQUESTS = 24;
  private static final double DAY_SECONDS = 86_400;
  private static final double WEEK_SECONDS = 7 * DAY_SECONDS;

  private final long executions;
  private final Instant end;
  private final double endSeconds;

  /**
   * Describes the set; does no I/O.
   *
   * @param executions number of executions, rounded up to tens
   * @param end the moment that is the present of the rows
   */
  public DataSet(long executions, Instant end) {
    this.executions = (executions + 9) / 10 * 10;
    this.end = end;
    this.endSeconds = end.toEpochMilli() / 1e3;
  }

  /** Writes the whole set over a connection with auto-commit on. */
  public void write(Connection connection) throws SQLException {
    begin(connection);
    for (long batch = 0; batch < batchCount(); batch++) {
      write(connection, batch);
    }
    finish(connection);
  }

  public long batchCount() {
    return (executions + BATCH_SIZE - 1) / BATCH_SIZE;
  }

  /** Prepares a connection for {@link #write(Connection, long)}; lasts as long as its session. */
  public static void begin(Connection connection) throws SQLException {
    execute(connection, text("data-set-draws.sql"));
    execute(connection, "SET work_mem = '256MB'; SET synchronous_commit = off; SET jit = off");
  }

  /** Writes one batch, in a transaction of its own if auto-commit is on. */
  public void write(Connection connection, long batch) throws SQLException {
    long requests = executions / 10 * 4;
    long recent = Math.min(LIVELY_REQUESTS_MAX, requests * 15 / 100);
    double recentBegin = endSeconds - LIVELY.toSeconds();
    try (PreparedStatement statement = connection.prepareStatement(text("data-set.sql"))) {
      statement.setLong(1, batch * BATCH_SIZE);
      statement.setLong(2, Math.min(executions, (batch + 1) * BATCH_SIZE) - 1);
      statement.setLong(3, requests);
      statement.setLong(4, recent);
      statement.setLong(5, Math.min(RUNNING_REQUESTS, recent));
      statement.setDouble(6, even(endSeconds - SPAN.toSeconds()));
      statement.setDouble(7, even(recentBegin));
      statement.setDouble(8, endSeconds);
      statement.setLong(9, 400 + executions / 2_000);
      statement.executeUpdate();
    }
  }

  /** Writes the JVMs, and does what autovacuum does in time. */
  public void finish(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(text("data-set-instances.sql"))) {
      statement.setObject(1, end.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
    for (String table :
        new String[] {
          "agent_execution_logs",
          "agent_execution_progress",
          "agent_routing_decisions",
          "agent_instances"
        }) {
      execute(connection, "VACUUM ANALYZE " + table);
    }
  }

  /** The even time that {@code data-set.sql} bends to this moment; found by halving. */
  private static double even(double seconds) {
    double low = seconds - WEEK_SECONDS;
    double high = seconds + WEEK_SECONDS;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (bent(middle) < seconds) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double bent(double even) {
    double week =
        even
            + 0.4
                * WEEK_SECONDS
                / (2 * Math.PI)
                * Math.sin(2 * Math.PI * (even - 3 * DAY_SECONDS) / WEEK_SECONDS);
    return week
        + 0.75 * DAY_SECONDS / (2 * Math.PI) * Math.sin(2 * Math.PI * (week - 7_200) / DAY_SECONDS);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(String name) {
    try (InputStream in = DataSet.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

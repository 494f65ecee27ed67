package io.agentlog.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A database of a run's own on the server that {@code POSTGRES_HOST}, {@code _PORT}, {@code
 * _DATABASE}, {@code _USER} and {@code _PASSWORD} name. {@link #close} removes it. One thread.
 */
final class LoadDatabase implements AutoCloseable {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** The longest latency that is seen; slower executions count as not seen. */
  static final int LATENCY_MILLIS_MAX = 500;

  private final Map<String, String> environment;
  private final String name = "agentlog_load_" + ProcessHandle.current().pid();
  private final Connection connection;

  LoadDatabase(Map<String, String> environment) throws SQLException {
    if (!environment.containsKey("POSTGRES_HOST")) {
      throw new IllegalArgumentException(
          "no PostgreSQL server is named; set POSTGRES_HOST, _PORT, _DATABASE, _USER and _PASSWORD");
    }
    this.environment = environment;
    try (Connection server = connect(setting("DATABASE", "postgres"));
        Statement statement = server.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    connection = connect(name);
  }

  /** The agent's options for this database. */
  String agentArguments() {
    return String.format(
        Locale.ROOT,
        "postgres.host=%s,postgres.port=%s,postgres.database=%s,postgres.user=%s,postgres.password='%s'",
        setting("HOST", ""),
        setting("PORT", "5432"),
        name,
        setting("USER", "postgres"),
        setting("PASSWORD", ""));
  }

  /** The options of a command for this database, whose sessions have a name of their own. */
  List<String> options(String sessions) {
    return List.of(
        "postgres.url=jdbc:postgresql://%s:%s/%s?ApplicationName=%s"
            .formatted(setting("HOST", ""), setting("PORT", "5432"), name, sessions),
        "postgres.user=" + setting("USER", "postgres"),
        "postgres.password=" + setting("PASSWORD", ""));
  }

  /** The only value of the first row, or 0 if the tables do not exist yet. */
  long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        return 0;
      }
      throw e;
    }
  }

  /** The first column of all rows. */
  List<Long> numbers(String sql) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
    }
    return numbers;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Reads the latest rows repeatedly until the process ends.
   *
   * @return microseconds from the end of each execution until its row was seen
   */
  long[] watch(Process process) throws SQLException {
    Set<UUID> seen = new HashSet<>();
    List<Long> micros = new ArrayList<>();
    while (number("SELECT count(*) FROM pg_class WHERE relname = 'agent_execution_logs'") == 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    try (PreparedStatement latest =
        connection.prepareStatement(
            "SELECT execution_id, (extract(epoch FROM completed_at) * 1000000)::bigint"
                + " FROM agent_execution_logs WHERE completed_at IS NOT NULL"
                + " AND started_at > now() - ? * interval '1 millisecond'")) {
      latest.setInt(1, LATENCY_MILLIS_MAX);
      while (process.isAlive()) {
        try (ResultSet rows = latest.executeQuery()) {
          long now = System.currentTimeMillis() * 1_000;
          while (rows.next()) {
            if (seen.add(rows.getObject(1, UUID.class))) {
              micros.add(Math.max(0, now - rows.getLong(2)));
            }
          }
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return micros.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Copies the rows of tables out, then repeatedly into tables with the same columns and indexes,
   * with other keys and later times. The tables grow, and checkpoints happen, as in a load of the
   * same length.
   *
   * @param spanMillis from the first row's time to the last one's
   * @param secondsMin shortest time of copying in; the last round is finished
   * @return mean seconds of copying in one round
   */
  double copy(List<String> tables, Path folder, long spanMillis, long secondsMin)
      throws SQLException, IOException {
    List<CopiedRows> rows = new ArrayList<>();
    for (String table : tables) {
      rows.add(new CopiedRows(connection, table, folder));
      execute("CREATE TABLE copy_of_" + table + " (LIKE " + table + " INCLUDING ALL)");
    }
    execute("CHECKPOINT");
    double seconds = 0;
    int rounds = 0;
    for (; seconds < secondsMin; rounds++) {
      long begin = System.nanoTime();
      for (CopiedRows table : rows) {
        table.copyInto(connection, "copy_of_" + table.table(), rounds, spanMillis);
      }
      seconds += (System.nanoTime() - begin) / 1e9;
    }
    return seconds / rounds;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    try (Connection server = connect(setting("DATABASE", "postgres"));
        Statement statement = server.createStatement()) {
      statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + setting("HOST", "") + ":" + setting("PORT", "5432") + "/" + database,
        setting("USER", "postgres"),
        setting("PASSWORD", ""));
  }

  private String setting(String key, String byDefault) {
    return environment.getOrDefault("POSTGRES_" + key, byDefault);
  }
}

package io.agentlog.benchmarks.insight;

import io.agentlog.backends.DataSet;
import io.agentlog.config.ConfigLoader;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fills a database with the data set that the dashboard is measured on, and leaves it there.
 *
 * <p>Ten million executions over 90 days, twenty million stages and five million decisions by
 * default; {@code executions=} and {@code connections=} change that. {@code POSTGRES_HOST}, {@code
 * _PORT}, {@code _DATABASE}, {@code _USER} and {@code _PASSWORD} name the database, whose tables
 * must be missing or empty.
 */
public final class FillTables {
  private static final long EXECUTIONS = 10_000_000;
  private static final int CONNECTIONS = 2;

  private final String url;
  private final Map<String, String> environment;

  private FillTables(Map<String, String> environment) {
    if (!environment.containsKey("POSTGRES_HOST")) {
      throw new IllegalArgumentException(
          "no PostgreSQL server is named; set POSTGRES_HOST, _PORT, _DATABASE, _USER and _PASSWORD");
    }
    this.environment = environment;
    this.url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                environment.get("POSTGRES_HOST"),
                environment.getOrDefault("POSTGRES_PORT", "5432"),
                environment.getOrDefault("POSTGRES_DATABASE", "postgres"));
  }

  /** Takes {@code executions=N} and {@code connections=N}, or nothing. */
  public static void main(String[] arguments)
      throws SQLException, SinkUnavailableException, InterruptedException, ExecutionException {
    long executions = EXECUTIONS;
    int connections = CONNECTIONS;
    for (String argument : arguments) {
      if (argument.startsWith("executions=")) {
        executions = Long.parseLong(argument.substring("executions=".length()));
      } else if (argument.startsWith("connections=")) {
        connections = Integer.parseInt(argument.substring("connections=".length()));
      } else {
        throw new IllegalArgumentException(
            "unknown argument " + argument + "; known are executions= and connections=");
      }
    }
    FillTables program = new FillTables(System.getenv());
    new TableSetup(
            ConfigLoader.load("postgres.schema=migrate", System.getProperties(), System.getenv()))
        .run(false);
    program.fill(new DataSet(executions, Instant.now()), connections);
  }

  private void fill(DataSet set, int connections)
      throws SQLException, InterruptedException, ExecutionException {
    try (Connection connection = connect()) {
      requireEmpty(connection);
      long begin = System.nanoTime();
      AtomicLong next = new AtomicLong();
      ExecutorService threads = Executors.newFixedThreadPool(connections);
      try {
        List<Future<?>> parts = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
          parts.add(threads.submit(() -> writeBatches(set, next)));
        }
        for (Future<?> part : parts) {
          part.get();
        }
      } finally {
        threads.shutdown();
      }
      print("rows written", begin);
      set.finish(connection);
      print("vacuumed and analyzed", begin);
      printSizes(connection);
    }
  }

  private Void writeBatches(DataSet set, AtomicLong next) throws SQLException {
    try (Connection connection = connect()) {
      DataSet.begin(connection);
      for (long batch = next.getAndIncrement();
          batch < set.batchCount();
          batch = next.getAndIncrement()) {
        set.write(connection, batch);
        if ((batch + 1) % 20 == 0) {
          System.out.printf(Locale.ROOT, "%,d of %,d batches%n", batch + 1, set.batchCount());
        }
      }
    }
    return null;
  }

  private static void requireEmpty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT EXISTS (SELECT FROM agent_execution_logs)")) {
      row.next();
      if (row.getBoolean(1)) {
        throw new IllegalStateException(
            "agent_execution_logs has rows; name an empty database, so that the figures are those of the set");
      }
    }
  }

  private static void print(String what, long beginNanos) {
    System.out.printf(
        Locale.ROOT, "%s after %.0f s%n", what, (System.nanoTime() - beginNanos) / 1e9);
  }

  private static void printSizes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT relname, reltuples::bigint, pg_table_size(oid) / 1000000, pg_indexes_size(oid) / 1000000"
                    + " FROM pg_class WHERE relname LIKE 'agent%' AND relkind = 'r' AND reltuples >= 0 ORDER BY relname")) {
      while (row.next()) {
        System.out.printf(
            Locale.ROOT,
            "%-26s %,12d rows %,7d MB, indexes %,7d MB%n",
            row.getString(1),
            row.getLong(2),
            row.getLong(3),
            row.getLong(4));
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        url,
        environment.getOrDefault("POSTGRES_USER", "postgres"),
        environment.getOrDefault("POSTGRES_PASSWORD", ""));
  }
}

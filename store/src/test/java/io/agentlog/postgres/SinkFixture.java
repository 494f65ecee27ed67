package io.agentlog.postgres;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.event.ExecutionEvents;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A database for one test, sinks that write to it, and queries of its rows. */
abstract class SinkFixture {
  final Postgres database = Backends.postgres().newDatabase();
  private final List<PostgresSink> sinks = new ArrayList<>();

  @AfterEach
  void close() {
    sinks.forEach(PostgresSink::close);
    database.close();
  }

  TestConfig config() {
    return new TestConfig()
        .with("postgres.url", database.jdbcUrl())
        .with("postgres.user", database.user())
        .with("postgres.password", database.password());
  }

  PostgresSink sink(TestConfig config) {
    return add(new PostgresSink(config));
  }

  /** Closes the sink when the test ends. */
  PostgresSink add(PostgresSink sink) {
    synchronized (sinks) {
      sinks.add(sink);
    }
    return sink;
  }

  /** Returns the events of execution {@code n}; the decisions are the same for all n. */
  static ExecutionEvents events(int n) {
    return new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n), false);
  }

  String query(String sql) throws SQLException {
    return query(database, sql);
  }

  /** Returns the first column of the first row. */
  static String query(Postgres database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  static void concurrently(int count, Task task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int n = i;
        results.add(
            threads.submit(
                () -> {
                  task.run(n);
                  return null;
                }));
      }
      for (Future<Void> result : results) {
        result.get(100, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  interface Task {
    void run(int n) throws Exception;
  }
}

package io.agentlog.agent.sink.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.agent.event.End;
import io.agentlog.agent.event.Event;
import io.agentlog.agent.event.EventHeader;
import io.agentlog.agent.event.Identifier;
import io.agentlog.agent.event.Status;
import io.agentlog.agent.sink.ExecutionMerge;
import io.agentlog.agent.sink.ExecutionRow;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Question: by which statement does one connection write the most executions a second?
 *
 * <p>Method: the sink's tables with their indexes, rows of finished executions with a prompt of 1
 * KiB, two stages each, keys in the order of time; one batch a transaction. Each way in turn writes
 * to empty tables for some seconds, all of that several times over; the medians are shown, with the
 * time of the client's own thread, which says what is left for the server. The server is the one
 * that {@code POSTGRES_HOST}, {@code _PORT}, {@code _DATABASE}, {@code _USER} and {@code _PASSWORD}
 * name; the tables are in a schema of the run's own. In this package to reach the sink's columns.
 */
public final class InsertWays {
  private static final int[] BATCH_SIZES = {1, 10, 100, 500, 2_000};
  private static final int ROUNDS = 3;
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final String SCHEMA = "agentlog_insert_ways";
  private static final String PROMPT =
      "Route this request to the agent that knows best, please. ".repeat(18);
  private static final UUID INSTANCE = new UUID(7, 7);

  private final Connection connection;
  private final Map<Way, List<double[]>> results = new EnumMap<>(Way.class);
  private long nextKey;

  private InsertWays(Connection connection) {
    this.connection = connection;
  }

  /** What a batch took. */
  private record Batch(List<ExecutionRow> rows, List<Event.Progress> progress) {}

  /** Takes no arguments; some two minutes. */
  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = connect(System.getenv())) {
      new InsertWays(connection).measure();
    }
  }

  private static Connection connect(Map<String, String> environment) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", environment.getOrDefault("POSTGRES_USER", "postgres"));
    properties.setProperty("password", environment.getOrDefault("POSTGRES_PASSWORD", ""));
    properties.setProperty("stringtype", "unspecified"); // Of the ways with plain parameters.
    properties.setProperty("reWriteBatchedInserts", "true");
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                environment.getOrDefault("POSTGRES_HOST", "localhost"),
                environment.getOrDefault("POSTGRES_PORT", "5432"),
                environment.getOrDefault("POSTGRES_DATABASE", "postgres"));
    Connection connection = new org.postgresql.Driver().connect(url, properties);
    connection.setAutoCommit(false);
    return connection;
  }

  private void measure() throws SQLException {
    execute("DROP SCHEMA IF EXISTS %1$s CASCADE; CREATE SCHEMA %1$s".formatted(SCHEMA));
    execute("SET search_path = " + SCHEMA);
    execute(Migrations.script(Migrations.SCRIPTS.get(0)));
    for (int round = 0; round <= ROUNDS; round++) {
      for (Way way : Way.values()) {
        for (int size : BATCH_SIZES) {
          double[] result = measure(way, size);
          if (round > 0) { // The first warms up.
            results.computeIfAbsent(way, key -> new ArrayList<>()).add(result);
          }
        }
      }
    }
    execute("DROP SCHEMA " + SCHEMA + " CASCADE");
    print();
  }

  /** Executions a second, and microseconds of this thread for each. */
  private double[] measure(Way way, int size) throws SQLException {
    execute("TRUNCATE agent_execution_logs, agent_execution_progress");
    way.prepare(connection);
    connection.commit();
    long cpuNanos = 0;
    long wallNanos = 0;
    long written = 0;
    while (wallNanos < MEASURED_NANOS) {
      Batch batch = nextBatch(size);
      long cpuBegin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long begin = System.nanoTime();
      way.write(connection, Tables.EXECUTIONS, batch.rows());
      way.write(connection, Tables.PROGRESS, batch.progress());
      connection.commit();
      wallNanos += System.nanoTime() - begin;
      cpuNanos += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBegin;
      written += size;
    }
    try (Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM agent_execution_logs")) {
      rows.next();
      if (rows.getLong(1) != written) {
        throw new IllegalStateException(way + " wrote " + rows.getLong(1) + " of " + written);
      }
    }
    connection.commit();
    return new double[] {size, written * 1e9 / wallNanos, cpuNanos / 1e3 / written};
  }

  private Batch nextBatch(int size) {
    List<ExecutionRow> rows = new ArrayList<>();
    List<Event.Progress> progress = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      UUID id = new UUID(0x019a_0000_0000_7000L + (nextKey << 16), nextKey++);
      Identifier correlation = Identifier.of(new UUID(id.getLeastSignificantBits() * 31, 1));
      List<Event> events = new ArrayList<>();
      events.add(
          new Event.Started(
              header(id, 1, correlation),
              PROMPT,
              PROMPT.length(),
              "0".repeat(64),
              "/srv/project",
              "project",
              null,
              null,
              null,
              null,
              null,
              Map.of("mode", "direct")));
      for (int seq = 2; seq <= 3; seq++) {
        Event.Progress stage =
            new Event.Progress(
                header(id, seq, correlation), "stage " + seq, seq * 25, Map.of(), Map.of());
        progress.add(stage);
        events.add(stage);
      }
      events.add(
          new Event.Completed(
              header(id, 4, correlation),
              Status.SUCCESS,
              End.COMPLETED,
              null,
              null,
              0.9,
              Map.of("tokens", 17L)));
      rows.add(events.stream().map(ExecutionMerge::of).reduce(ExecutionMerge::merge).orElseThrow());
    }
    return new Batch(rows, progress);
  }

  private static EventHeader header(UUID id, int seq, Identifier correlation) {
    return new EventHeader(
        id,
        seq,
        1_760_000_000_000_000L + id.getLeastSignificantBits() * 100,
        seq * 250_000L,
        "agent-" + id.getLeastSignificantBits() % 32,
        correlation,
        correlation,
        INSTANCE);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    connection.commit();
  }

  private void print() {
    System.out.println("executions a second (us of the client's thread for each)");
    System.out.println(
        "batch      "
            + Arrays.stream(Way.values())
                .map(way -> String.format(Locale.ROOT, "%24s", way.name().toLowerCase(Locale.ROOT)))
                .collect(joining()));
    for (int size : BATCH_SIZES) {
      StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-11d", size));
      for (Way way : Way.values()) {
        List<double[]> all =
            results.getOrDefault(way, List.of()).stream().filter(r -> r[0] == size).toList();
        line.append(String.format(Locale.ROOT, "%,15.0f (%6.1f)", median(all, 1), median(all, 2)));
      }
      System.out.println(line);
    }
  }

  private static double median(List<double[]> results, int index) {
    return results.stream().mapToDouble(r -> r[index]).sorted().toArray()[results.size() / 2];
  }
}

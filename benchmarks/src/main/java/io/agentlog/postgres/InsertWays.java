package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Question: by which statement does one connection write the most executions a second?
 *
 * <p>Method: the sink's tables with their indexes, rows of finished executions with a prompt of 1
 * KiB, two stages each, keys in the order of time; one batch a transaction. Each way in turn writes
 * to empty tables for some seconds, in several rounds. The medians are shown with the CPU time of
 * the client's own thread; the rest of the time is the server's. In this package to reach the
 * sink's columns.
 */
public final class InsertWays {
  private static final int[] BATCH_SIZES = {1, 10, 100, 500, 2_000};
  private static final int ROUNDS = 3;
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final MeasuredSchema schema;
  private final MadeExecutions executions = new MadeExecutions();
  private final Map<Way, List<double[]>> results = new EnumMap<>(Way.class);

  private InsertWays(MeasuredSchema schema) {
    this.schema = schema;
  }

  /** Takes no arguments; some two minutes. */
  public static void main(String[] arguments) throws SQLException {
    try (MeasuredSchema schema = new MeasuredSchema(System.getenv())) {
      new InsertWays(schema).measure();
    }
  }

  private void measure() throws SQLException {
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
    print();
  }

  /** Executions a second, and microseconds of this thread for each. */
  private double[] measure(Way way, int size) throws SQLException {
    Connection connection = schema.connection();
    schema.execute("TRUNCATE agent_execution_logs, agent_execution_progress");
    way.prepare(connection);
    connection.commit();
    long cpuNanos = 0;
    long wallNanos = 0;
    long written = 0;
    while (wallNanos < MEASURED_NANOS) {
      MadeExecutions.Made batch = executions.next(size);
      long cpuBegin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long begin = System.nanoTime();
      way.write(connection, Tables.EXECUTIONS, batch.rows());
      way.write(connection, Tables.PROGRESS, batch.progress());
      connection.commit();
      wallNanos += System.nanoTime() - begin;
      cpuNanos += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBegin;
      written += size;
    }
    long rows = schema.number("SELECT count(*) FROM agent_execution_logs");
    if (rows != written) {
      throw new IllegalStateException(way + " wrote " + rows + " rows instead of " + written);
    }
    return new double[] {size, written * 1e9 / wallNanos, cpuNanos / 1e3 / written};
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

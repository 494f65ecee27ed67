package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Question: what do an index and a column of the tables cost, in executions a second and in bytes?
 *
 * <p>Method: as {@link InsertWays} by the sink's own statements, 500 executions a transaction over
 * one connection. An index is dropped, or a column is not written, for some seconds. The complete
 * schema is measured before and after, and the ratio is to the mean of the two. The medians of
 * several rounds are shown. Bytes are those of the relation, and the mean of {@code
 * pg_column_size}. In this package to reach the sink's columns.
 */
public final class SchemaCost {
  private static final int BATCH_SIZE = 500;
  private static final int ROUNDS = 5;
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final List<String> INDEXES =
      List.of(
          "agent_execution_logs_correlation",
          "agent_execution_logs_agent",
          "agent_execution_logs_started",
          "agent_execution_logs_running",
          "agent_execution_logs_failed");

  /** Columns that have a value in the rows written here, and on which nothing else depends. */
  private static final List<String> COLUMNS =
      List.of(
          "user_prompt",
          "user_prompt_sha256",
          "user_prompt_length",
          "metadata",
          "project_path",
          "project_name",
          "session_id",
          "instance_id",
          "duration_us",
          "quality_score");

  private final MeasuredSchema schema;
  private final MadeExecutions executions = new MadeExecutions();
  private final Map<String, List<Double>> ratios = new LinkedHashMap<>();
  private final Map<String, Double> bytes = new LinkedHashMap<>();

  private SchemaCost(MeasuredSchema schema) {
    this.schema = schema;
  }

  /** Takes no arguments; some six minutes. */
  public static void main(String[] arguments) throws SQLException {
    try (MeasuredSchema schema = new MeasuredSchema(System.getenv())) {
      new SchemaCost(schema).measure();
    }
  }

  private void measure() throws SQLException {
    rate(Tables.EXECUTIONS); // Warms up.
    rate(Tables.EXECUTIONS);
    readBytes();
    List<Double> whole = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      double before = rate(Tables.EXECUTIONS);
      for (String index : INDEXES) {
        String definition = definition(index);
        schema.execute("DROP INDEX " + index);
        double without = rate(Tables.EXECUTIONS);
        schema.execute("TRUNCATE agent_execution_logs; " + definition);
        before = note(index, before, without);
        whole.add(before);
      }
      for (String column : COLUMNS) {
        before = note(column, before, rate(without(column)));
        whole.add(before);
      }
    }
    System.out.printf(Locale.ROOT, "%,.0f executions a second with all of it%n", median(whole));
    System.out.println("without                                gain    bytes an execution");
    ratios.forEach(
        (name, all) ->
            System.out.printf(
                Locale.ROOT,
                "%-36s %5.1f %% %12.1f%n",
                name,
                100 * (median(all) - 1),
                bytes.getOrDefault(name, 0.0)));
  }

  /**
   * Measures the complete schema again, so that a drift of the machine does not look like a cost.
   */
  private double note(String what, double before, double without) throws SQLException {
    double after = rate(Tables.EXECUTIONS);
    ratios.computeIfAbsent(what, key -> new ArrayList<>()).add(2 * without / (before + after));
    return after;
  }

  private static <T> TableInsert<T> without(TableInsert<T> insert, String column) {
    return new TableInsert<>(
        insert.table(),
        insert.columns().stream()
            .map(
                c -> c.name().equals(column) ? Column.<T>maybe(c.name(), c.type(), row -> null) : c)
            .toList(),
        insert.onConflict());
  }

  private static TableInsert<ExecutionRow> without(String column) {
    return without(Tables.EXECUTIONS, column);
  }

  /** Executions a second into empty tables. */
  private double rate(TableInsert<ExecutionRow> insert) throws SQLException {
    Connection connection = schema.connection();
    schema.execute("TRUNCATE agent_execution_logs, agent_execution_progress");
    long wallNanos = 0;
    long written = 0;
    while (wallNanos < MEASURED_NANOS) {
      MadeExecutions.Made batch = executions.next(BATCH_SIZE);
      long begin = System.nanoTime();
      insert.execute(connection, batch.rows());
      Tables.PROGRESS.execute(connection, batch.progress());
      connection.commit();
      wallNanos += System.nanoTime() - begin;
      written += BATCH_SIZE;
    }
    return written * 1e9 / wallNanos;
  }

  private void readBytes() throws SQLException {
    double rows = schema.number("SELECT count(*) FROM agent_execution_logs");
    for (String index : INDEXES) {
      bytes.put(index, schema.number("SELECT pg_relation_size('" + index + "')") / rows);
    }
    for (String column : COLUMNS) {
      long sum =
          schema.number("SELECT sum(pg_column_size(" + column + ")) FROM agent_execution_logs");
      bytes.put(column, sum / rows);
    }
  }

  private String definition(String index) throws SQLException {
    try (PreparedStatement statement =
        schema.connection().prepareStatement("SELECT pg_get_indexdef(to_regclass(?))")) {
      statement.setString(1, index);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}

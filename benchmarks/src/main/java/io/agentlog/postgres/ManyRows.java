package io.agentlog.postgres;

import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Question: what do the queries of the docs and a batch of the sink cost with ten million rows,
 * against the same with a hundred thousand?
 *
 * <p>Method: the tables with their indexes, filled with executions of 32 agents evenly over 90
 * days, two stages each, three executions a request; 1 % failed, the latest 200 in progress.
 * Vacuumed and analysed once, as autovacuum does in time. Each query runs repeatedly, with another
 * request each time if it asks for one; the median and the greatest time are shown with the plan. A
 * batch is the sink's own statement for 2,000 executions: new ones, and the ends of running ones.
 * Caches hold what earlier runs left there. In this package to reach the sink's statements.
 */
public final class ManyRows {
  private static final long[] ROWS = {100_000, 10_000_000};
  private static final int RUNS = 50;
  private static final int BATCHES = 10;
  private static final int BATCH_SIZE = 2_000;
  private static final long FILLED_AT_ONCE = 100_000;
  private static final int RUNNING = 200;
  private static final Duration SPAN = Duration.ofDays(90);

  private static final String FILL =
      """
      WITH made AS (
        SELECT n, now() - interval '%1$d seconds' + interval '%1$d seconds' * ((n + 1)::double precision / %2$d) AS started_at
        FROM generate_series(%3$d::bigint, %4$d::bigint) AS n
      ), rows AS (
        SELECT n, started_at, n >= %2$d - %5$d AS running, (lpad(to_hex((extract(epoch FROM started_at) * 1000)::bigint), 12, '0')
               || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id
        FROM made
      ), stages AS (
        INSERT INTO agent_execution_progress (execution_id, seq, stage, percent, occurred_at, metadata)
        SELECT id, seq, 'stage ' || seq, 25 * seq, started_at + seq * interval '100 milliseconds', '{}'
        FROM rows CROSS JOIN generate_series(2, 3) AS seq
      )
      INSERT INTO agent_execution_logs (execution_id, correlation_id, session_id, agent_name, user_prompt, user_prompt_sha256,
        user_prompt_length, status, started_at, completed_at, duration_ms, duration_us, quality_score, metadata, project_path,
        project_name, instance_id, seen, progress_seq, error_type, error_message)
      SELECT id, md5('request ' || (n / 3))::uuid, md5((n / 100)::text)::uuid, 'agent-' || n %% 32,
        repeat(md5(n::text), 8), repeat('0', 64), 256, CASE WHEN running THEN 'in_progress' WHEN n %% 100 = 0 THEN 'failed' ELSE 'success' END,
        started_at, CASE WHEN NOT running THEN started_at + interval '1 second' END, CASE WHEN NOT running THEN 1000 END,
        CASE WHEN NOT running THEN 1000000 END, 0.9, '{"mode": "direct", "progress": {"stage": "stage 3", "percent": 75}}',
        '/srv/project', 'project', md5((n / 1000000)::text)::uuid, CASE WHEN running THEN 3 ELSE 7 END, 3,
        CASE WHEN n %% 100 = 0 THEN 'IllegalStateException' END, CASE WHEN n %% 100 = 0 THEN 'no answer' END
      FROM rows\
      """;

  private static final List<Query> QUERIES =
      List.of(
          new Query(
              "the ten latest",
              "SELECT execution_id, correlation_id, agent_name, status, started_at, duration_ms"
                  + " FROM agent_execution_logs ORDER BY started_at DESC LIMIT 10"),
          new Query(
              "one request",
              "SELECT * FROM agent_execution_logs WHERE correlation_id = md5('request ' || ?)::uuid"
                  + " ORDER BY started_at"),
          new Query("active_agents", "SELECT * FROM active_agents"),
          new Query(
              "agent_trace of a request",
              "SELECT * FROM agent_trace WHERE correlation_id = md5('request ' || ?)::uuid ORDER BY"
                  + " occurred_at"),
          new Query("recent_agent_errors", "SELECT * FROM recent_agent_errors"),
          new Query(
              "one agent's ten latest",
              "SELECT execution_id, status FROM agent_execution_logs WHERE agent_name = 'agent-7'"
                  + " ORDER BY started_at DESC LIMIT 10"),
          new Query("agent_summary", "SELECT * FROM agent_summary"));

  private final MeasuredSchema schema;
  private final MadeExecutions executions = new MadeExecutions();

  private ManyRows(MeasuredSchema schema) {
    this.schema = schema;
  }

  /** Takes the numbers of rows, or none; with ten million some 15 minutes and 12 GB of disk. */
  public static void main(String[] arguments) throws SQLException {
    long[] sizes =
        arguments.length == 0
            ? ROWS
            : Arrays.stream(arguments).mapToLong(Long::parseLong).toArray();
    for (long size : sizes) {
      try (MeasuredSchema schema = new MeasuredSchema(System.getenv())) {
        new ManyRows(schema).measure(size);
      }
    }
  }

  private record Query(String name, String sql) {
    boolean takesRequest() {
      return sql.contains("?");
    }
  }

  private void measure(long rows) throws SQLException {
    fill(rows);
    System.out.printf(
        Locale.ROOT,
        "%n%,d executions, %,d MB with progress and indexes%n",
        rows,
        schema.number(
                "SELECT pg_total_relation_size('agent_execution_logs') +"
                    + " pg_total_relation_size('agent_execution_progress')")
            / 1_000_000);
    for (Query query : QUERIES) {
      double[] millis = new double[RUNS];
      for (int i = -1; i < RUNS; i++) {
        String request = String.valueOf((long) ((i + 1.5) / (RUNS + 1) * rows / 3));
        long begin = System.nanoTime();
        long count = run(query, request);
        if (count == 0) {
          throw new IllegalStateException(query.name() + " found nothing");
        }
        if (i >= 0) {
          millis[i] = (System.nanoTime() - begin) / 1e6;
        }
      }
      print(query.name(), millis);
      explain(query);
    }
    print("2,000 new executions", newExecutions());
    print("the ends of 2,000 running ones", ends());
    print("retention, one statement of 1,000", retention());
  }

  private void fill(long rows) throws SQLException {
    for (long from = 0; from < rows; from += FILLED_AT_ONCE) {
      long to = Math.min(rows, from + FILLED_AT_ONCE) - 1;
      schema.execute(FILL.formatted(SPAN.toSeconds(), rows, from, to, RUNNING));
    }
    schema.executeAlone("VACUUM ANALYZE agent_execution_logs");
    schema.executeAlone("VACUUM ANALYZE agent_execution_progress");
    schema.executeAlone("CHECKPOINT");
  }

  private long run(Query query, String request) throws SQLException {
    long count = 0;
    try (PreparedStatement statement = schema.connection().prepareStatement(query.sql())) {
      if (query.takesRequest()) {
        statement.setString(1, request);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          count++;
        }
      }
    }
    schema.connection().commit();
    return count;
  }

  private void explain(Query query) throws SQLException {
    String sql = query.sql().replace("?", "'1000'");
    try (Statement statement = schema.connection().createStatement();
        ResultSet line =
            statement.executeQuery(
                "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)) {
      while (line.next()) {
        System.out.println("    " + line.getString(1));
      }
    }
    schema.connection().commit();
  }

  private double[] newExecutions() throws SQLException {
    double[] millis = new double[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
      MadeExecutions.Made batch = executions.next(BATCH_SIZE);
      millis[i] = millisOf(batch.rows(), batch.progress());
    }
    return millis;
  }

  private double[] ends() throws SQLException {
    double[] millis = new double[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
      MadeExecutions.Made batch = executions.next(BATCH_SIZE);
      millisOf(batch.rows().stream().map(ManyRows::running).toList(), batch.progress());
      millis[i] = millisOf(batch.rows(), List.of());
    }
    return millis;
  }

  private static ExecutionRow running(ExecutionRow row) {
    return new ExecutionRow(
        row.executionId(),
        row.correlationId(),
        row.sessionId(),
        row.agentName(),
        row.instanceId(),
        row.startedAtMicros(),
        row.start(),
        row.routingDecisionId(),
        row.seen() & ~ExecutionRow.SEEN_END,
        row.progressSeq(),
        row.metadata(),
        null,
        row.usageSeq(),
        row.usage());
  }

  /** Deletes the oldest executions. There are enough, because they spread over three months. */
  private double[] retention() throws SQLException {
    AtomicLong clock = new AtomicLong();
    PostgresTarget target =
        PostgresTarget.of(ConfigLoader.load(null, System.getProperties(), System.getenv()));
    Retention retention = new Retention(SPAN.dividedBy(2), target, clock::get, () -> 0.5);
    double[] millis = new double[BATCHES];
    for (int i = -1; i < BATCHES; i++) {
      long begin = System.nanoTime();
      retention.prune(schema.connection());
      if (i >= 0) { // The first run makes the plan.
        millis[i] = (System.nanoTime() - begin) / 1e6;
      }
    }
    return millis;
  }

  private double millisOf(List<ExecutionRow> rows, List<Event.Progress> progress)
      throws SQLException {
    Connection connection = schema.connection();
    long begin = System.nanoTime();
    Tables.EXECUTIONS.execute(connection, rows);
    if (!progress.isEmpty()) {
      Tables.PROGRESS.execute(connection, progress);
    }
    connection.commit();
    return (System.nanoTime() - begin) / 1e6;
  }

  private static void print(String what, double[] millis) {
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%-36s median %9.2f ms, greatest %9.2f ms%n",
        what,
        millis[millis.length / 2],
        millis[millis.length - 1]);
  }
}

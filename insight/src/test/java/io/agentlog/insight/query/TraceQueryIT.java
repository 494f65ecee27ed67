package io.agentlog.insight.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.postgres.TraceTables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: neither the pages nor {@code show} read a whole table of the trace. Method: as many rows as
 * asked for with {@code -Dagentlog.trace.rows}, 100,000 in each table unless said, and the plan
 * that PostgreSQL makes and runs.
 */
@Timeout(600)
class TraceQueryIT {
  private static final int ROWS = Integer.getInteger("agentlog.trace.rows", 100_000);
  private static final String AGENT = "agent-1";

  private static Postgres database;
  private static String execution = "";

  @BeforeAll
  static void fill() throws Exception {
    database = MadeTables.empty();
    MadeTables.makeTraceTables(database);
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_us, quality_score)
        SELECT gen_random_uuid(), gen_random_uuid(), 'agent-' || n % 5, 'success', now() - n * interval '1 s', now(), 1000, 0.5
        FROM generate_series(1, $N) AS n;
        INSERT INTO agent_prompts (id, correlation_id, execution_id, seq, agent_name, user_prompt, agent_instructions_hash, created_at)
        SELECT gen_random_uuid(), correlation_id, execution_id, 2, agent_name, 'p',
          encode(sha256(convert_to((extract(epoch FROM now() - started_at) / ($N / 10))::int::text, 'UTF8')), 'hex'), started_at FROM agent_execution_logs;
        INSERT INTO agent_file_operations (id, correlation_id, execution_id, seq, agent_name, operation_type, file_path, success, created_at)
        SELECT gen_random_uuid(), correlation_id, execution_id, 3, agent_name, 'read', 'f', true, started_at FROM agent_execution_logs;
        INSERT INTO agent_intelligence_usage (id, correlation_id, execution_id, seq, agent_name, intelligence_name, created_at)
        SELECT gen_random_uuid(), correlation_id, execution_id, 4, agent_name, 'k', started_at FROM agent_execution_logs\
        """
            .replace("$N", Integer.toString(ROWS)));
    database.execute(
        "VACUUM ANALYZE agent_execution_logs, agent_prompts, agent_file_operations,"
            + " agent_intelligence_usage");
    execution = one("SELECT execution_id FROM agent_execution_logs ORDER BY started_at LIMIT 1");
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  private static String one(String sql) throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String plan(String sql, @Nullable Object... parameters) throws Exception {
    try (Connection connection = database.connect();
        PreparedStatement explain =
            connection.prepareStatement("EXPLAIN (ANALYZE, BUFFERS) " + sql)) {
      for (int i = 0; i < parameters.length; i++) {
        explain.setObject(i + 1, parameters[i]);
      }
      StringBuilder plan = new StringBuilder();
      try (ResultSet rows = explain.executeQuery()) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
      return plan.toString();
    }
  }

  private static TraceTables tables() throws Exception {
    List<TraceTables.Table> found = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TraceTables.FIND)) {
      while (rows.next()) {
        found.add(TraceTables.table(rows));
      }
    }
    return new TraceTables(found);
  }

  @Test
  void indexOfTheExecutionLeadsToItsDetails() throws Exception {
    List<String> statements = tables().statements(true, 20_000);
    assertThat(statements).hasSize(4);
    for (String statement : statements) {
      for (String correlation : new String[] {null, "46298508-dc0d-500c-9be0-fc9a22cf8319"}) {
        assertThat(plan(statement, "{" + execution + "}", correlation, 1_001))
            .containsAnyOf("_execution", "agent_model_calls_pkey")
            .doesNotContain("Seq Scan");
      }
    }
  }

  @Test
  void versionsAreFoundWithoutReadingEachExecution() throws Exception {
    String plan = plan(TraceTables.VERSIONS, AGENT, AGENT);
    assertThat(plan).contains("agent_prompts_versions").doesNotContain("Seq Scan");
    assertThat(buffers(plan)).as(plan).isLessThan(200);
  }

  @Test
  void statisticsOfVersionsReadNoMoreThanTheLatestExecutions() throws Exception {
    java.time.OffsetDateTime now = java.time.OffsetDateTime.now(java.time.ZoneOffset.UTC);
    String plan =
        plan(TraceQuery.STATISTICS, AGENT, AGENT, AGENT, now.minusYears(1), now, null, null);
    assertThat(plan).contains("agent_prompts_versions").doesNotContain("Seq Scan");
  }

  /** Pages of the database that the whole statement touched. */
  private static int buffers(String plan) {
    java.util.regex.Matcher hit =
        java.util.regex.Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?")
            .matcher(plan);
    assertThat(hit.find()).as(plan).isTrue();
    return Integer.parseInt(hit.group(1))
        + (hit.group(2) == null ? 0 : Integer.parseInt(hit.group(2)));
  }
}

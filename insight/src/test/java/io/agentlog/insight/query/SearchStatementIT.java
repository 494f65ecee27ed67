package io.agentlog.insight.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.ExecutionFilter.Cursor;
import io.agentlog.postgres.TableSetup;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: no search reads the whole table, whatever is asked for. Method: 60,000 rows in which the
 * sought values are rare or old, and the plan that PostgreSQL makes.
 */
@Timeout(120)
class SearchStatementIT {
  private static Postgres database;

  @BeforeAll
  static void fill() throws Exception {
    database = Backends.postgres().newDatabase();
    new TableSetup(
            ConfigLoader.loadForCommand(
                Map.of(
                    "postgres.url", database.jdbcUrl(),
                    "postgres.user", database.user(),
                    "postgres.password", database.password()),
                new Properties(),
                Map.of()))
        .run(false);
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, project_name)
        SELECT gen_random_uuid(), gen_random_uuid(), CASE WHEN n > 40000 THEN 'old' ELSE 'new' END,
          CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'success' END, now() - n * interval '1 second', 'p'
        FROM generate_series(1, 60000) AS n""");
    database.execute("ANALYZE agent_execution_logs");
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @ParameterizedTest
  @CsvSource({
    ",,false,_started",
    ",success,false,_started",
    "old,,false,_agent",
    "old,failed,false,_agent",
    "nobody,,false,_agent",
    ",failed,false,_failed",
    ",in_progress,false,_running",
    "old,in_progress,false,_running",
    ",,true,_correlation",
    "old,failed,true,_correlation"
  })
  void indexLeadsTheSearch(String agent, String status, boolean ofRequest, String index)
      throws Exception {
    Instant now = Instant.now();
    ExecutionFilter filter =
        new ExecutionFilter(
            new Window(now.minus(Duration.ofDays(30)), now),
            agent,
            "nowhere",
            status,
            null,
            null,
            null,
            ofRequest ? UUID.randomUUID() : null,
            null);
    for (Cursor after : new Cursor[] {null, new Cursor(now, UUID.randomUUID())}) {
      SearchStatement statement =
          new SearchStatement(
              filter, after, 1_000, "execution_id, agent_name, status, project_name, started_at");
      assertThat(plan(statement))
          .contains("agent_execution_logs" + index)
          .doesNotContain("Seq Scan");
    }
  }

  private static String plan(SearchStatement statement) throws Exception {
    try (Connection connection = database.connect();
        PreparedStatement explain = connection.prepareStatement("EXPLAIN " + statement.sql())) {
      Object[] parameters = statement.parameters();
      for (int i = 0; i < parameters.length; i++) {
        Object value = parameters[i];
        explain.setObject(i + 1, value instanceof Instant t ? t.atOffset(ZoneOffset.UTC) : value);
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
}

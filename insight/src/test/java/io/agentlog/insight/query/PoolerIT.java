package io.agentlog.insight.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.Backends;
import io.agentlog.backends.PgBouncer;
import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.Dashboards;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: behind a pooler that lends sessions by the transaction, the dashboard leaves nothing in a
 * session that the agent gets next. Method: a real PgBouncer with one session for both.
 */
@Timeout(120)
class PoolerIT {
  @Test
  void sessionOfAPageCanBeWrittenInByTheAgent() throws Exception {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
    try (Postgres database = Backends.postgres().newDatabase();
        PgBouncer pooler = PgBouncer.before(database, 1)) {
      Dashboards.makeTables(database);
      LoadedConfig config =
          ConfigLoader.loadForCommand(
              Map.of(
                  "postgres.url", pooler.jdbcUrl(),
                  "postgres.user", database.user(),
                  "postgres.password", database.password()),
              new Properties(),
              Map.of());
      try (Dashboards dashboard = Dashboards.start(config, false)) {
        assertThat(dashboard.get("/executions").statusCode()).isEqualTo(200);
        assertThat(dashboard.get("/live.json").statusCode()).isEqualTo(200);

        try (Connection agent =
                DriverManager.getConnection(
                    pooler.jdbcUrl() + "?prepareThreshold=0",
                    database.user(),
                    database.password());
            Statement statement = agent.createStatement()) {
          statement.execute(
              "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)"
                  + " VALUES (gen_random_uuid(), 'router', 'in_progress', now())");
          assertThat(setting(statement, "statement_timeout")).isEqualTo("0");
          assertThat(setting(statement, "default_transaction_read_only")).isEqualTo("off");
        }
      }
    }
  }

  private static String setting(Statement statement, String name) throws Exception {
    try (ResultSet row = statement.executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }
}

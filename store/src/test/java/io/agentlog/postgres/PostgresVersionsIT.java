package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.event.ExecutionEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: every supported version of PostgreSQL takes every statement of ours and makes the same row.
 * Method: the server of each version, from the same artifacts; all other tests use the newest.
 */
@Timeout(180)
class PostgresVersionsIT {
  private static final Path PROGRAMS = Path.of("target/libraries/postgres");
  private static final int EXECUTIONS = 60;

  static List<Path> programs() throws IOException {
    try (Stream<Path> jars = Files.list(PROGRAMS)) {
      return jars.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyStatementIsTakenAndTheMergeIsThatOfJava(Path jar) throws Exception {
    try (Postgres server = Postgres.startProcess(jar)) {
      assertThat(jar.getFileName().toString())
          .contains("-" + SinkFixture.query(server, "SHOW server_version").split("\\.", -1)[0]);
      AtomicLong nanos = new AtomicLong();
      TestConfig config =
          new TestConfig()
              .with("postgres.url", server.jdbcUrl())
              .with("postgres.user", server.user())
              .with("postgres.password", server.password())
              .with("retention", "1h");
      try (PostgresSink sink =
          new PostgresSink(config, ExecutionEvents.INSTANCE, "router", nanos::get)) {
        sink.write(SinkFixture.events(1).all());
        try (Connection connection = server.connect();
            Statement statement = connection.createStatement()) {
          statement.execute(
              "UPDATE agent_execution_logs SET created_at = now() - interval '2 hours'");
        }
        nanos.addAndGet(10 * Retention.RUN_NANOS);
        while (sink.maintain()) { // The lease, the sweep, and what is older than an hour.
          nanos.incrementAndGet();
        }
      }
      assertThat(SinkFixture.query(server, "SELECT count(*) FROM agent_execution_logs"))
          .isEqualTo("0");
      for (String view :
          List.of(
              "active_agents",
              "stuck_agents",
              "agent_completion_stats_24h",
              "agent_completion_stats_7d",
              "agent_performance",
              "recent_agent_errors",
              "agent_daily_trend",
              "agent_quality_ranking",
              "agent_summary",
              "agent_trace")) {
        assertThat(SinkFixture.query(server, "SELECT count(*) FROM " + view)).isNotNull();
      }
      try (Connection connection = server.connect()) {
        MergeTables tables = new MergeTables(connection, Tables.EXECUTIONS);
        assertThat(new MergeChecks(tables, true).pairs(1)).isEmpty();
        assertThat(new MergeChecks(tables, false).histories(1, EXECUTIONS)).isEmpty();
      }
    }
  }
}

package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.event.ExecutionEvents;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: every supported version of PostgreSQL takes what agentlog does to partitioned tables.
 * Method: the server of each version; a table is switched, written, indexed, checked and pruned.
 */
@Timeout(180)
class PartitionVersionsIT {
  static List<Path> programs() throws IOException {
    return PostgresVersionsIT.programs();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void tableIsSwitchedWrittenIndexedCheckedAndPruned(Path jar) throws Exception {
    try (Postgres server = Postgres.startProcess(jar)) {
      AtomicLong nanos = new AtomicLong();
      LocalDate today = DayTables.today();
      TestConfig config =
          new TestConfig()
              .with("postgres.url", server.jdbcUrl())
              .with("postgres.user", server.user())
              .with("postgres.password", server.password())
              .with("retention", "2d");
      new TableSetup(config).run(false);
      try (PostgresSink sink =
          new PostgresSink(config, ExecutionEvents.INSTANCE, "router", nanos::get)) {
        sink.write(SinkFixture.events(1).all());
        server.execute("TRUNCATE agent_routing_decisions"); // Their keys are of the year 6400.
        String node =
            SinkFixture.query(server, "SELECT pg_relation_filenode('agent_execution_logs')");
        DayTables.cut(server, config, today.minusDays(5));
        assertThat(
                SinkFixture.query(
                    server, "SELECT pg_relation_filenode('agent_execution_logs_before')"))
            .isEqualTo(node);
        try (Connection connection = server.connect()) {
          DayTables.make(connection, today.minusDays(5));
        }
        for (int day = 5; day >= 0; day--) {
          sink.write(
              new ExecutionEvents(
                      DayTables.key(today.minusDays(day).atTime(12, 0).toInstant(ZoneOffset.UTC)),
                      false)
                  .all());
        }
        sink.write(SinkFixture.events(1).all());
        assertThat(SinkFixture.query(server, "SELECT count(*) FROM agent_execution_logs"))
            .isEqualTo("7");

        server.execute(
            "DROP INDEX agent_execution_logs_root; DELETE FROM agentlog_schema_version WHERE version = 6");
        new TableSetup(config).run(false);
        assertThat(
                SinkFixture.query(
                    server,
                    "SELECT bool_and(indisvalid) || ' ' || count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname LIKE 'agent_execution_logs_root%'"))
            .isEqualTo("true 4"); // The table, the first partition, a day and the rest.

        server.execute(
            "UPDATE agent_execution_logs SET created_at = now() - interval '90 days', started_at = now() - interval '90 days', completed_at = now() - interval '90 days' WHERE execution_id < agentlog_floor(now() - interval '3 days')");
        nanos.addAndGet(10 * Retention.RUN_NANOS);
        while (sink.maintain()) {
          nanos.incrementAndGet();
        }
        assertThat(
                SinkFixture.query(
                    server,
                    "SELECT to_regclass('%s')"
                        .formatted(DayTable.ALL.get(0).partition(today.minusDays(5)))))
            .isNull();
      }
      assertThat(new DatabaseCheck(config).run().toString())
          .contains("partitioned by day, with partitions to " + today.plusDays(3));
      for (String view :
          List.of(
              "agent_completion_stats_24h",
              "agent_completion_stats_7d",
              "agent_daily_trend",
              "agent_summary",
              "agent_trace",
              "v_agentlog_tree_usage")) {
        assertThat(SinkFixture.query(server, "SELECT count(*) FROM " + view)).isNotNull();
      }
    }
  }
}

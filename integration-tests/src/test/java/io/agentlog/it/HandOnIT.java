package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what an execution has others do is part of it, whatever hands the work on, and nothing is
 * left on any thread (fault 74). Method: run {@link HandOnApp} with the shipped jar and count the
 * stages of each execution.
 */
class HandOnIT {
  @Test
  void workThatIsHandedOnIsPartOfItsExecution(@TempDir Path directory) {
    Map<String, Integer> expected = HandOnApp.expectedStages();
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory).postgres(database).service("hand-on").start(HandOnApp.class)) {
      app.awaitLine("done", Duration.ofSeconds(90));
      Rows.awaitEnded(database, expected.size() + 1, Duration.ofSeconds(30)); // And the child.
      app.endInput();
      app.awaitSuccess();
      Map<String, Integer> seen = new LinkedHashMap<>();
      for (Map<String, Object> row :
          Rows.of(
              database,
              "SELECT e.user_prompt, (SELECT count(*) FROM agent_execution_progress p"
                  + " WHERE p.execution_id = e.execution_id)::int AS stages FROM agent_execution_logs e"
                  + " WHERE agent_name = 'hands-on' AND status = 'success' ORDER BY started_at")) {
        seen.put((String) row.get("user_prompt"), (Integer) row.get("stages"));
      }
      assertThat(seen).containsExactlyInAnyOrderEntriesOf(expected);
      List<Map<String, Object>> children =
          Rows.of(
              database,
              "SELECT p.user_prompt FROM agent_execution_logs c JOIN agent_execution_logs p"
                  + " ON c.parent_execution_id = p.execution_id AND c.correlation_id = p.correlation_id"
                  + " WHERE c.agent_name = 'nested'");
      assertThat(children).containsExactly(Map.of("user_prompt", "parent"));
      assertThat(app.stderr()).anyMatch(line -> line.contains("(after_end 4)"));
    }
  }

  /** Faults 73 and 74. */
  @Test
  void millionVirtualThreadsWorkForTheirExecutions(@TempDir Path directory) {
    Path jdk = Jdks.versionUnderTest() >= 21 ? Jdks.underTest() : Jdks.ofVersion(25);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory, jdk)
                .postgres(database)
                .service("virtual")
                .options("-Xmx512m")
                .start(VirtualThreadsApp.class)) {
      app.awaitLine("done", Duration.ofMinutes(2));
      Rows.awaitEnded(database, 101, Duration.ofSeconds(30));
      app.endInput();
      app.awaitSuccess();
      assertThat(Rows.stages(database).ofAgent("virtual-pool").count()).isEqualTo(2);
    }
  }

  /** Fault 67. */
  @Test
  void recursionTenThousandDeepIsAChainOfParents(@TempDir Path directory) {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory).postgres(database).service("deep").start(RecursionApp.class)) {
      app.awaitLine("done", Duration.ofSeconds(60));
      Rows.awaitEnded(database, RecursionApp.DEPTH, Duration.ofSeconds(60));
      app.endInput();
      app.awaitSuccess();
      database.execute(
          "CREATE INDEX ON agent_execution_logs (parent_execution_id); ANALYZE agent_execution_logs");
      assertThat(
              Rows.count(
                  database,
                  "WITH RECURSIVE chain AS (SELECT execution_id, 1 AS depth FROM agent_execution_logs"
                      + " WHERE parent_execution_id IS NULL UNION ALL SELECT c.execution_id, depth + 1"
                      + " FROM agent_execution_logs c JOIN chain ON c.parent_execution_id = chain.execution_id)"
                      + " SELECT max(depth) FROM chain"))
          .isEqualTo(RecursionApp.DEPTH);
    }
  }
}

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
  private static final Map<String, Integer> STAGES = new LinkedHashMap<>();

  static {
    STAGES.put("execute", 1);
    STAGES.put("submit", 1);
    STAGES.put("invoke-all", 2);
    STAGES.put("invoke-any", 1);
    STAGES.put("schedule", 1);
    STAGES.put("fixed-rate", 3);
    STAGES.put("fork-join", 1);
    STAGES.put("fork", 8);
    STAGES.put("parallel-stream", 64);
    STAGES.put("supply-async", 1);
    STAGES.put("run-async-pool", 1);
    STAGES.put("own-executor", 2);
    STAGES.put("then-on-completing-thread", 0);
    STAGES.put("completes", 0);
    STAGES.put("then-within", 1);
    STAGES.put("timer", 1);
    STAGES.put("thread", 1);
    STAGES.put("thread-in-thread", 1);
    STAGES.put("throws", 1);
    STAGES.put("parent", 0);
    STAGES.put("queues", 0);
    STAGES.put("same-1", 0);
    STAGES.put("same-2", 0);
    STAGES.put("many", 0);
  }

  @Test
  void workThatIsHandedOnIsPartOfItsExecution(@TempDir Path directory) {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory).postgres(database).service("hand-on").start(HandOnApp.class)) {
      app.awaitLine("done", Duration.ofSeconds(90));
      Rows.awaitEnded(database, STAGES.size() + 1, Duration.ofSeconds(30));
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
      assertThat(seen).containsExactlyInAnyOrderEntriesOf(STAGES);
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
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_execution_progress p JOIN agent_execution_logs e"
                      + " USING (execution_id) WHERE e.agent_name = 'virtual-pool'"))
          .isEqualTo(2);
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

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an execution that returns a future ends when that is complete, once, and as it was
 * completed (faults 70, 74). Method: run {@link AsyncApp} with the shipped jar and read the tables.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AsyncIT {
  private static final int ENDED = 14;

  private Postgres database;
  private List<Map<String, Object>> whileRunning;
  private List<String> stderr;

  @BeforeAll
  void runApplication(@TempDir Path directory) {
    database = Backends.postgres().newDatabase();
    try (AgentJvm app =
        AgentJvm.in(directory).postgres(database).service("async").start(AsyncApp.class)) {
      app.awaitLine("done", Duration.ofSeconds(60));
      Rows.executions(database).ended().awaitCount(ENDED, Duration.ofSeconds(30));
      whileRunning = Rows.executions(database).ofAgent("never").list();
      app.endInput();
      app.awaitSuccess();
      stderr = app.stderr();
    }
  }

  @AfterAll
  void dropDatabase() {
    database.close();
  }

  @Test
  void executionEndsWithItsFutureAndHasItsResult() {
    Map<String, Object> row = row("answers-later");
    assertThat(row)
        .containsEntry("status", "success")
        .containsEntry("user_prompt", "a question")
        .containsEntry("seen", 5);
    assertThat((Integer) row.get("duration_ms")).isGreaterThanOrEqualTo(60);
    assertThat(row.get("quality_score")).hasToString("0.7500");
    assertThat(
            Rows.of(
                database,
                "SELECT metadata->>'chosen' AS chosen FROM agent_execution_logs"
                    + " WHERE agent_name = 'answers-later'"))
        .containsExactly(Map.of("chosen", "debugger"));
  }

  @Test
  void everyKindOfFutureEndsItsExecutionWithItsResult() {
    for (String agent :
        List.of(
            "stage-later", "library-later", "object-later", "plain-future", "complete-already")) {
      assertThat(row(agent)).as(agent).containsEntry("status", "success");
      assertThat(row(agent).get("quality_score")).as(agent).isNotNull();
    }
  }

  @Test
  void failuresAreUnwrappedAndCancellationsToldApart() {
    assertThat(row("fails-later"))
        .containsEntry("status", "failed")
        .containsEntry("error_type", "IOException")
        .containsEntry("error_message", "line is down");
    assertThat(row("cancelled-later"))
        .containsEntry("status", "cancelled")
        .containsEntry("error_type", "CancellationException");
    assertThat(row("throws-at-once"))
        .containsEntry("status", "failed")
        .containsEntry("error_message", "at once");
  }

  @Test
  void whatCantBeObservedEndsWhenTheMethodReturns() {
    assertThat(row("null-later")).containsEntry("status", "success");
    assertThat(row("hostile")).containsEntry("status", "success");
    assertThat(stderr).anyMatch(line -> line.contains("hostile"));
  }

  @Test
  void aFutureThatNeverCompletesStaysInProgressUntilTheJvmEnds() {
    assertThat(whileRunning)
        .hasSize(2)
        .allSatisfy(row -> assertThat(row).containsEntry("status", "in_progress"));
    assertThat(
            Rows.executions(database)
                .ofAgent("never")
                .withStatus("cancelled")
                .with("error_type", "JvmShutdown")
                .count())
        .isEqualTo(2);
  }

  @Test
  void nestedOnesKeepTheirParentAlthoughBothEndLater() {
    assertThat(row("inner-later").get("parent_execution_id"))
        .isEqualTo(row("outer-later").get("execution_id"));
  }

  @Test
  void stagesAndDecisionsWaitForTheResult() {
    Map<String, Object> execution = row("stages-later");
    assertThat(execution).containsEntry("status", "success");
    assertThat(
            Rows.of(
                database,
                "SELECT stage, metadata->>'winner' AS winner FROM agent_execution_progress"
                    + " WHERE execution_id = ?",
                execution.get("execution_id")))
        .containsExactly(Map.of("stage", "decided", "winner", "tester"));
    assertThat(
            Rows.of(
                database,
                "SELECT selected_agent, confidence_score::text AS confidence"
                    + " FROM agent_routing_decisions"))
        .containsExactly(Map.of("selected_agent", "tester", "confidence", "0.9500"));
  }

  private Map<String, Object> row(String agent) {
    return Rows.executions(database).ofAgent(agent).only();
  }
}

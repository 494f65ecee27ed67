package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an execution that returns a Mono or Flux ends with its first terminal signal, and what its
 * operators do belongs to it, with the oldest and the newest Reactor that we support. Method: run
 * {@link ReactorApp} with the shipped jar and read the tables.
 */
class ReactorIT {
  private static final int ENDED = 15;

  @ParameterizedTest
  @ValueSource(strings = {"reactor-oldest", "reactor-newest"})
  void executionEndsWithTheFirstTerminalSignal(String version, @TempDir Path directory) {
    String classPath =
        AgentJvm.classPathOf(ReactorApp.class, AgentExecution.class)
            + File.pathSeparator
            + Libraries.classPath(version);
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<Map<String, Object>> unsubscribed;
      try (AgentJvm app =
          AgentJvm.in(directory)
              .postgres(database)
              .service("reactor")
              .start(classPath, ReactorApp.class)) {
        app.awaitLine("done true", Duration.ofSeconds(60));
        Rows.executions(database).ended().awaitCount(ENDED, Duration.ofSeconds(30));
        unsubscribed = named(database, "mono-unsubscribed");
        app.endInput();
        app.awaitSuccess();
      }
      assertThat(unsubscribed).hasSize(1);
      assertThat(unsubscribed.get(0)).containsEntry("status", "in_progress");
      assertEnds(database);
      assertResults(database);
      assertWorkBelongsToItsExecution(database);
    }
  }

  private static void assertEnds(Postgres database) {
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("mono", "success null"),
            Map.entry("mono-empty", "success null"),
            Map.entry("mono-fails", "failed IOException"),
            Map.entry("mono-throws", "failed IllegalStateException"),
            Map.entry("mono-cancelled", "cancelled CancellationException"),
            Map.entry("flux", "success null"),
            Map.entry("flux-cancelled", "cancelled CancellationException"),
            Map.entry("flux-fails", "failed IllegalStateException"),
            Map.entry("publisher", "success null"),
            Map.entry("twice", "success null"),
            Map.entry("scheduled", "success null"),
            Map.entry("flux-scheduled", "success null"),
            Map.entry("outer", "success null"),
            Map.entry("inner", "success null"),
            Map.entry("inner-at-once", "success null"));
    expected.forEach(
        (agent, end) -> {
          List<Map<String, Object>> rows = named(database, agent);
          assertThat(rows).as(agent).hasSize(1);
          assertThat(rows.get(0).get("status") + " " + rows.get(0).get("error_type"))
              .as(agent)
              .isEqualTo(end);
        });
  }

  private static void assertResults(Postgres database) {
    assertThat(named(database, "mono").get(0))
        .containsEntry("user_prompt", "a question")
        .containsEntry("chosen", "debugger");
    assertThat(named(database, "mono").get(0).get("quality_score")).hasToString("0.7500");
    assertThat(named(database, "flux").get(0)).containsEntry("last", "third");
    assertThat(named(database, "flux").get(0).get("quality_score")).hasToString("0.3000");
  }

  private static void assertWorkBelongsToItsExecution(Postgres database) {
    assertThat(stages(database, "scheduled")).containsExactly("work", "work", "work");
    assertThat(stages(database, "flux-scheduled")).containsExactly("work", "work");
    assertThat(stages(database, "inner")).containsExactly("work");
    assertThat(stages(database, "inner-at-once")).containsExactly("work");
    assertThat(stages(database, "outer")).containsExactly("outer-work", "outer-work");
    Object outer = named(database, "outer").get(0).get("execution_id");
    assertThat(named(database, "inner").get(0)).containsEntry("parent_execution_id", outer);
    assertThat(named(database, "inner-at-once").get(0)).containsEntry("parent_execution_id", outer);
  }

  private static List<Object> stages(Postgres database, String agent) {
    return Rows.stages(database).ofAgent(agent).valuesOf("stage");
  }

  private static List<Map<String, Object>> named(Postgres database, String agent) {
    return Rows.of(
        database,
        "SELECT *, metadata->>'chosen' AS chosen, metadata->>'last' AS last"
            + " FROM agent_execution_logs WHERE agent_name = ?",
        agent);
  }
}

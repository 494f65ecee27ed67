package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.AppSources;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: calls and streams of Spring AI's chat clients are executions with their models' tokens and
 * their tools, with nothing but the jar, and the application gets what it got without it. Method:
 * an application with a fake model, compiled against each version, once without the agent and once
 * with it; its tables, stages and tokens against what the fake was asked.
 */
class SpringAiIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final String APP = "io.agentlog.it.springai.SpringAiApp";

  private static final int EXECUTIONS = 24;

  @ParameterizedTest
  @ValueSource(strings = {"spring-ai-oldest", "spring-ai-middle", "spring-ai-newest"})
  void callsAndStreamsAreRecorded(String version, @TempDir Path directory) {
    boolean isVersion1 = !version.equals("spring-ai-newest");
    String classPath =
        AppSources.compile(
            directory,
            Libraries.classPath(version)
                + File.pathSeparator
                + AgentJvm.classPathOf(AgentExecution.class),
            "/frameworks/springai",
            "FakeModel.java",
            "Models.java",
            "SpringAiApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> without = run(directory.resolve("without"), classPath, null);
      List<String> with = run(directory.resolve("with"), classPath, database);
      assertThat(with).isEqualTo(without).contains("plain It is 42.", "done true");
      assertEnds(database, isVersion1);
      assertPlain(database, isVersion1);
      assertTokens(database, isVersion1);
      assertNesting(database);
      assertThat(Rows.executions(database).list()).hasSize(EXECUTIONS);
    }
  }

  private static List<String> run(Path directory, String classPath, @Nullable Postgres database) {
    AgentJvm.Builder app =
        AgentJvm.in(directory).service("spring-ai").options("-Dslf4j.internal.verbosity=ERROR");
    try (AgentJvm jvm =
        (database == null ? app.withoutAgent() : app.postgres(database)).start(classPath, APP)) {
      jvm.awaitLine("done true", DEADLINE);
      jvm.endInput();
      jvm.awaitSuccess();
      return jvm.stdout();
    }
  }

  private static void assertEnds(Postgres database, boolean isVersion1) {
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("plain-caller", "success null"),
            Map.entry("entity-caller", "success null"),
            Map.entry("bad-entity-caller", "success null"),
            Map.entry("response-caller", "success null"),
            Map.entry("failing-caller", "failed IllegalStateException"),
            Map.entry("overflowing-caller", "failed StackOverflowError"),
            Map.entry("broken-tool-caller", "success null"),
            Map.entry("decorated-caller", "success null"),
            Map.entry("stream-caller", "success null"),
            Map.entry(
                "stream-twice-caller",
                isVersion1
                    ? "success null, failed IllegalStateException"
                    : "success null, success null"),
            Map.entry("stream-never-caller", ""),
            Map.entry("stream-take-caller", "cancelled CancellationException"),
            Map.entry("stream-unmeasured-caller", "success null"),
            Map.entry("stream-failing-caller", "failed IllegalStateException"),
            Map.entry("stream-scheduled-caller", "success null"),
            Map.entry("stream-decorated-caller", "success null"),
            Map.entry("stream-of-call-caller", "success null"),
            Map.entry("stream-hopping-caller", "success null"),
            Map.entry("impatient-caller", "success null"),
            Map.entry("stream-impatient-caller", "success null"),
            Map.entry("tool-asks-model-caller", "success null"),
            Map.entry("annotated", "success null, success null"),
            Map.entry("asking-calculator", "success null"));
    expected.forEach(
        (agent, ends) ->
            assertThat(
                    named(database, agent).stream()
                        .map(row -> row.get("status") + " " + row.get("error_type"))
                        .toList())
                .as(agent)
                .isEqualTo(ends.isEmpty() ? List.of() : List.of(ends.split(", "))));
  }

  private static void assertPlain(Postgres database, boolean isVersion1) {
    assertThat(named(database, "plain-caller").get(0))
        .containsEntry("user_prompt", "What is 12 + 30?")
        .containsEntry("session", "conversation-1")
        .containsEntry("correlation", "order-7")
        .containsEntry("kind", "chat_client");
    List<Object> stages =
        isVersion1
            ? List.of("model:fake-1", "tool:add", "tool:add")
            : List.of("model:fake-1", "tool:add", "tool:add", "model:fake-1");
    assertThat(stages(database, "plain-caller")).isEqualTo(stages);
    assertThat(stages(database, "stream-caller")).isEqualTo(stages);
    assertThat(stages(database, "response-caller")).containsExactly("model:asked-for");
    List<Map<String, @Nullable Object>> tool =
        Rows.of(
            database,
            "SELECT p.metadata->>'call_id' AS call_id, p.metadata->>'error_type' AS error_type FROM"
                + " agent_execution_progress p JOIN agent_execution_logs l USING (execution_id)"
                + " WHERE agent_name = 'broken-tool-caller' AND stage = 'tool:add' ORDER BY seq");
    assertThat(tool).hasSize(2);
    assertThat(tool.get(0)).containsEntry("call_id", "call-1");
    assertThat(tool.get(1)).containsEntry("error_type", "UnsupportedOperationException");
  }

  private static void assertTokens(Postgres database, boolean isVersion1) {
    String both = (isVersion1 ? 1 : 2) + " calls 32 12 fake-1-2026";
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("plain-caller", both),
            Map.entry("stream-caller", both),
            Map.entry("broken-tool-caller", both),
            Map.entry("entity-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("decorated-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("stream-decorated-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("stream-of-call-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("stream-hopping-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("impatient-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("stream-impatient-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("stream-unmeasured-caller", "1 calls null null fake-1-2026"),
            Map.entry("stream-scheduled-caller", "1 calls 12 5 fake-1-2026"),
            Map.entry("tool-asks-model-caller", (isVersion1 ? 2 : 3) + " calls 44 17 fake-1-2026"));
    expected.forEach(
        (agent, usage) ->
            assertThat(
                    named(database, agent).stream()
                        .map(
                            row ->
                                row.get("model_calls")
                                    + " calls "
                                    + row.get("input_tokens")
                                    + " "
                                    + row.get("output_tokens")
                                    + " "
                                    + row.get("model")))
                .as(agent)
                .containsExactly(usage));
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_model_calls WHERE agent_name LIKE '%decorated-caller'"
                    + " AND metadata @> '{\"delegated\":true}'"))
        .isEqualTo(4);
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_model_calls WHERE metadata @>"
                    + " '{\"rounds_hidden\":true}'"))
        .isEqualTo(isVersion1 ? 5 : 0);
    assertThat(
            Rows.of(
                database,
                "SELECT provider, response_model, finish_reason, streaming, metadata,"
                    + " first_token_us IS NOT NULL AS has_first"
                    + " FROM agent_model_calls WHERE agent_name = 'stream-twice-caller'"
                    + " AND error_type IS NULL LIMIT 1"))
        .first()
        .satisfies(
            call ->
                assertThat(call)
                    .containsEntry("finish_reason", "stop")
                    .containsEntry("streaming", true)
                    .containsEntry("has_first", true));
  }

  private static void assertNesting(Postgres database) {
    List<Map<String, @Nullable Object>> tree =
        Rows.of(
            database,
            "SELECT agent_name, kind, execution_id, parent_execution_id, root_execution_id,"
                + " correlation_id, input_tokens FROM agent_execution_logs WHERE root_execution_id"
                + " = (SELECT execution_id FROM agent_execution_logs WHERE kind = 'method') ORDER"
                + " BY started_at");
    assertThat(tree.stream().map(row -> row.get("kind")))
        .containsExactly("method", "chat_client", "chat_client");
    assertThat(tree.stream().map(row -> row.get("correlation_id")).distinct()).hasSize(1);
    assertThat(tree.get(1)).containsEntry("parent_execution_id", tree.get(0).get("execution_id"));
    assertThat(tree.get(2)).containsEntry("parent_execution_id", tree.get(1).get("execution_id"));
    assertThat(tree.stream().map(row -> row.get("input_tokens"))).containsExactly(null, 32L, 12L);
  }

  private static List<Object> stages(Postgres database, String agent) {
    return Rows.stages(database).ofAgent(agent).valuesOf("stage");
  }

  private static List<Map<String, @Nullable Object>> named(Postgres database, String agent) {
    return Rows.of(
        database,
        "SELECT *, metadata->>'session_id_raw' AS session,"
            + " metadata->>'correlation_id_raw' AS correlation"
            + " FROM agent_execution_logs WHERE agent_name = ? ORDER BY started_at",
        agent);
  }
}

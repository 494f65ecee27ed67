package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Applications;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Runs applications of LangChain4j with and without the agent, and reads what was recorded. */
abstract class LangChain4jFixture {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String FOLDER = "langchain4j/";

  /** SLF4J has no log to write to, and says so. */
  private static final String QUIET = "-Dslf4j.internal.verbosity=ERROR";

  @TempDir private Path directory;

  String compile(String version, String... sources) throws IOException {
    String[] resources = new String[sources.length];
    for (int i = 0; i < sources.length; i++) {
      resources[i] = FOLDER + sources[i];
    }
    return Applications.compile(directory, version, resources);
  }

  List<String> answers(
      String classPath, String main, Postgres database, int executionCount, String... options) {
    AgentJvm.Builder builder =
        AgentJvm.in(directory).service("langchain4j").options(QUIET).postgres(database);
    for (int i = 0; i < options.length; i += 2) {
      builder.property(options[i], options[i + 1]);
    }
    try (AgentJvm app = builder.start(classPath, main)) {
      app.awaitLine("done", DEADLINE);
      Rows.executions(database).ended().awaitCount(executionCount, DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(Rows.executions(database).count()).isEqualTo(executionCount);
      return List.copyOf(app.stdout());
    }
  }

  List<String> answersWithoutAgent(String classPath, String main) {
    try (AgentJvm app =
        AgentJvm.in(directory).withoutAgent().options(QUIET).start(classPath, main)) {
      app.awaitLine("done", DEADLINE);
      app.endInput();
      app.awaitExit(DEADLINE);
      return List.copyOf(app.stdout());
    }
  }

  /** A line for each execution, in the order of their start. */
  static List<String> runs(Postgres database) {
    return Rows.of(
            database,
            "SELECT e.*, p.agent_name AS parent, p.root_execution_id AS root_of_parent"
                + " FROM agent_execution_logs e LEFT JOIN agent_execution_logs p"
                + " ON p.execution_id = e.parent_execution_id"
                + " ORDER BY e.started_at, e.execution_id")
        .stream()
        .map(LangChain4jFixture::line)
        .toList();
  }

  private static String line(Map<String, @Nullable Object> row) {
    Object root = row.get("parent") == null ? row.get("execution_id") : row.get("root_of_parent");
    assertThat(row.get("root_execution_id")).isEqualTo(root);
    String line = row.get("agent_name") + " " + row.get("kind") + " " + row.get("status");
    line += row.get("error_type") == null ? "" : " " + row.get("error_type");
    line += row.get("parent") == null ? "" : " in " + row.get("parent");
    line +=
        row.get("model_calls") == null
            ? ", nothing used"
            : ", %s models %s tools %s in %s out"
                .formatted(
                    row.get("model_calls"),
                    row.get("tool_calls"),
                    known(row.get("input_tokens")),
                    known(row.get("output_tokens")));
    return line + ": " + row.get("user_prompt");
  }

  private static Object known(@Nullable Object count) {
    return count == null ? "?" : count;
  }

  static String stages(Postgres database, String prompt) {
    return Rows.of(
            database,
            "SELECT s.stage, s.metadata ->> 'error_type' AS error_type"
                + " FROM agent_execution_progress s JOIN agent_execution_logs e"
                + " USING (execution_id) WHERE e.user_prompt = ? ORDER BY s.seq",
            prompt)
        .stream()
        .map(
            row ->
                row.get("stage")
                    + (row.get("error_type") == null ? "" : "(" + row.get("error_type") + ")"))
        .collect(Collectors.joining(" "));
  }

  /** Each row has what its own calls of models have used. */
  static void assertTotalsEqualCalls(Postgres database) {
    assertThat(
            Rows.of(
                database,
                "SELECT e.execution_id FROM agent_execution_logs e LEFT JOIN LATERAL ("
                    + " SELECT count(*) FILTER (WHERE m.metadata ->> 'delegated' IS NULL) AS calls,"
                    + " sum(m.input_tokens) AS input, sum(m.output_tokens) AS output"
                    + " FROM agent_model_calls m WHERE m.execution_id = e.execution_id) m ON true"
                    + " WHERE (coalesce(e.model_calls, 0), e.input_tokens, e.output_tokens)"
                    + " IS DISTINCT FROM (coalesce(m.calls, 0), m.input, m.output)"))
        .isEmpty();
  }
}

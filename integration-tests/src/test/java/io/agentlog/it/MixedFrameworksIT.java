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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: runs of two frameworks and of an annotated method make one tree whose tokens are counted
 * once, and a run outside of any other belongs to what surrounds it in the application. Method: an
 * application with both frameworks, a log and a tracer; its rows against what its models were asked
 * and what it has put into its surroundings.
 */
class MixedFrameworksIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final String CORRELATION = "0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c001";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  /** 12 and 20 of Spring AI's model, 3 of LangChain4j's. */
  private static final long ASKED = 35;

  @TempDir private Path directory;

  /** What the last application has printed. */
  private List<String> output = List.of();

  @Test
  void treeOfTwoFrameworksHasOneRootAndCountsEachTokenOnce() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<Map<String, @Nullable Object>> rows = run(database, 3, Map.of(), "nested");
      assertThat(output).contains("answered", "asked " + ASKED);
      assertThat(rows)
          .extracting(row -> row.get("agent_name") + " " + row.get("kind"))
          .containsExactly("handle method", "mixed-app chat_client", "librarian ai_service");
      assertThat(rows).extracting(row -> row.get("status")).containsOnly("success");
      assertThat(rows)
          .extracting(row -> row.get("input_tokens"))
          .containsExactly(null, 32L, 3L); // Of its own calls alone.
      Object root = rows.get(0).get("execution_id");
      assertThat(rows).extracting(row -> row.get("root_execution_id")).containsOnly(root);
      assertThat(rows.stream().map(row -> row.get("correlation_id")).distinct()).hasSize(1);
      assertThat(rows)
          .extracting(row -> row.get("parent_execution_id"))
          .containsExactly(null, root, rows.get(1).get("execution_id"));
      assertThat(
              Rows.count(
                  database,
                  "SELECT input_tokens FROM v_agentlog_tree_usage WHERE root_execution_id = ?",
                  root))
          .isEqualTo(ASKED);
    }
  }

  @Test
  void runsInAnExecutionAreStagesOfItIfTheOptionSaysSo() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<Map<String, @Nullable Object>> rows =
          run(database, 1, Map.of("agentlog.frameworks.in-execution", "stages"), "nested");
      assertThat(output).contains("answered", "asked " + ASKED);
      assertThat(rows.get(0))
          .containsEntry("agent_name", "handle")
          .containsEntry("status", "success")
          .containsEntry("input_tokens", ASKED)
          .containsEntry("model_calls", 3)
          .containsEntry("tool_calls", 1);
      assertThat(Rows.stages(database).ofAgent("handle").valuesOf("stage"))
          .contains("chat_client:mixed-app", "ai_service:librarian", "tool:ask");
    }
  }

  @Test
  void outermostRunHasCorrelationAndSpanOfTheApplicationAndTheVersion() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<Map<String, @Nullable Object>> rows =
          run(database, 5, Map.of(), CORRELATION, TRACE, SPAN);
      assertThat(rows)
          .extracting(row -> row.get("agent_name") + " " + row.get("version"))
          .containsExactly(
              "librarian " + version("langchain4j-newest", "langchain4j"),
              "mixed-app " + version("spring-ai-newest", "spring-ai-model"),
              "mixed-app " + version("spring-ai-newest", "spring-ai-model"),
              "answer " + version("langchain4j-newest", "langchain4j-agentic"),
              "count " + version("langchain4j-newest", "langchain4j-agentic"));
      assertThat(rows)
          .extracting(row -> String.valueOf(row.get("correlation_id")))
          .containsOnly(CORRELATION);
      assertThat(rows)
          .extracting(row -> row.get("trace_id") + " " + row.get("span_id"))
          .containsOnly(TRACE + " " + SPAN);
    }
  }

  /** The version in the name of an artifact's jar. */
  private static String version(String set, String artifact) {
    return Stream.of(Libraries.classPath(set).split(File.pathSeparator))
        .map(jar -> Path.of(jar).getFileName().toString())
        .filter(jar -> jar.matches(artifact + "-\\d.*\\.jar"))
        .map(jar -> jar.substring(artifact.length() + 1, jar.length() - ".jar".length()))
        .collect(Collectors.joining());
  }

  /** Runs the application and returns its executions, in the order of their starts. */
  private List<Map<String, @Nullable Object>> run(
      Postgres database, int executions, Map<String, String> options, String... arguments) {
    String libraries =
        Stream.of(
                "spring-ai-newest",
                "langchain4j-newest",
                "opentelemetry-api-newest",
                "logback-newest")
            .map(Libraries::classPath)
            .collect(Collectors.joining(File.pathSeparator));
    String classPath =
        AppSources.compile(
            directory,
            libraries + File.pathSeparator + AgentJvm.classPathOf(AgentExecution.class),
            "/frameworks/mixed",
            "MixedApp.java");
    AgentJvm.Builder builder = AgentJvm.in(directory).service("mixed").postgres(database);
    options.forEach(builder::property);
    try (AgentJvm app = builder.start(classPath, "app.MixedApp", arguments)) {
      app.awaitLine("done", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      output = app.stdout();
      Rows.awaitEnded(database, executions, DEADLINE);
      return Rows.of(
          database,
          "SELECT *, metadata #>> '{framework,version}' AS version FROM agent_execution_logs"
              + " ORDER BY started_at, execution_id");
    }
  }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an execution has the IDs of the span around it, whichever tracer made that, and the agent
 * uses no tracer before the application does. Method: the tracers themselves, the shipped jar, and
 * the rows against what the tracer says.
 */
class AmbientTraceIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  /** What the last application has printed. */
  private List<String> output = List.of();

  /** What its agent has logged. */
  private List<String> log = List.of();

  @ParameterizedTest
  @ValueSource(strings = {"opentelemetry-api-oldest", "opentelemetry-api-newest"})
  void spanOfOpenTelemetryIsReadOnceTheApplicationHasUsedIt(String libraries) {
    List<String> rows = run(libraries, 7, List.of(), "opentelemetry");
    assertThat(rows).containsExactlyElementsOf(expected());
    // Storage that the application wraps after an execution is the storage that is used.
    assertThat(output).contains("wrapper was called 2");
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, false", "true, true", "false, true"})
  void spanOfOpenTelemetrysAgentIsReadInEitherOrder(boolean oursFirst, boolean hasApi) {
    String theirs = "-javaagent:" + Libraries.classPath("opentelemetry");
    String ours = "-javaagent:" + AgentJvm.agentJar();
    List<String> options =
        List.of(
            oursFirst ? ours : theirs,
            oursFirst ? theirs : ours,
            "-Dotel.traces.exporter=none",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none",
            "-Dotel.javaagent.exclude-class-loaders="
                + "io.agentlog.agent.bootstrap.AgentClassLoader");
    String[] arguments = hasApi ? new String[] {"server", "api"} : new String[] {"server"};
    List<String> rows = run(hasApi ? "opentelemetry-api-newest" : "", 2, options, arguments);
    assertThat(output).contains("HTTP/1.1 200 OK");
    assertThat(rows.get(0)).matches(TRACE + " [0-9a-f]{16}").doesNotContain("00f067aa0ba902b7");
    assertThat(rows.get(1)).isEqualTo(rows.get(0)); // The same span is around the inner one.
    if (hasApi) {
      assertThat(expected()).containsExactly(rows.get(0));
    }
  }

  @Test
  void decimalsOfDatadogAreStoredAsHexadecimal() {
    List<String> rows =
        run("", 6, List.of("-Xbootclasspath/a:" + Libraries.classPath("datadog")), "datadog");
    assertThat(rows).containsExactlyElementsOf(expected());
    assertThat(log)
        .filteredOn(line -> line.contains("the current span of Datadog could not be read"))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("IllegalStateException"));
  }

  @Test
  void spanOfBraveIsRead() {
    assertThat(run("brave", 3, List.of(), "brave")).containsExactlyElementsOf(expected());
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback-oldest", "logback-newest"})
  void contextOfTheLogGivesTraceAndSpanWithoutATracer(String libraries) {
    assertThat(run(libraries, 6, List.of(), "mdc")).containsExactlyElementsOf(expected());
  }

  @Test
  void nothingIsReadIfTheOptionSaysSo() {
    List<String> rows =
        run(
            "opentelemetry-api-newest",
            7,
            List.of("-Dagentlog.trace.ambient=false"),
            "opentelemetry");
    assertThat(rows).hasSize(7).containsOnly("null null");
  }

  /** Trace and span that the application has said, in the order of the executions. */
  private List<String> expected() {
    return output.stream()
        .filter(line -> line.startsWith("expect "))
        .map(line -> line.substring("expect ".length()))
        .toList();
  }

  /** Trace and span of each execution, in the order of their starts. */
  private List<String> run(
      String libraries, int executions, List<String> options, String... arguments) {
    String classPath = AgentJvm.classPathOf(AmbientTraceApp.class, AgentExecution.class);
    if (!libraries.isEmpty()) {
      classPath += File.pathSeparator + Libraries.classPath(libraries);
    }
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm jvm = start(database, options, classPath, arguments)) {
      assertThat(jvm.awaitExit(DEADLINE)).as("stderr: %s", jvm.stderr()).isZero();
      output = jvm.stdout();
      log = jvm.stderr();
      assertThat(output).contains("done");
      Rows.awaitEnded(database, executions, Duration.ofSeconds(30));
      List<String> rows = new ArrayList<>();
      for (Map<String, Object> row :
          Rows.of(
              database,
              "SELECT trace_id, span_id FROM agent_execution_logs"
                  + " ORDER BY started_at, execution_id")) {
        rows.add(row.get("trace_id") + " " + row.get("span_id"));
      }
      return rows;
    }
  }

  private AgentJvm start(
      Postgres database, List<String> options, String classPath, String... arguments) {
    AgentJvm.Builder app =
        AgentJvm.in(directory)
            .postgres(database)
            .service("traced")
            .options(options.toArray(String[]::new))
            .property("agentlog.shutdown.wait", "30s"); // It is over at once.
    if (options.stream().anyMatch(option -> option.startsWith("-javaagent:"))) {
      app.withoutAgent(); // The options say in which order.
    }
    return app.start(classPath, AmbientTraceApp.class, arguments);
  }
}

package io.agentlog.it;

import static io.agentlog.it.SurroundingsApp.NOT_INITIALIZED;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an execution that is given no correlation takes that of the message or request that it
 * serves, or of the application's log, with the oldest and the newest library (fault 61). Method:
 * the libraries themselves, the shipped jar, and the rows.
 */
class SurroundingsIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @TempDir private Path directory;

  /** Standard output of the last application. */
  private List<String> output = List.of();

  @ParameterizedTest
  @ValueSource(strings = {"kafka-oldest", "kafka-newest"})
  void headersOfAKafkaRecordGiveCorrelationAndTrace(String libraries) {
    List<String> rows = run(libraries, SurroundingsApp.Consumer.class, 4);
    assertThat(rows)
        .containsExactly(
            "record of-the-header " + TRACE + " " + SPAN,
            "record in-lower-case null null",
            "record null null null",
            "record-and-argument 7f3c1c1e-0a3b-4f0e-9d57-0f5d2f1f9a01 null null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback-oldest", "logback-newest"})
  void contextOfTheApplicationsLogGivesTheCorrelation(String libraries) {
    List<String> rows = run(libraries, SurroundingsApp.Logged.class, 5);
    assertThat(rows)
        .containsExactly(
            "logged null null null",
            "logged null null null",
            "logged of-the-context null null",
            "logged of-the-other-key null null",
            "logged null null null");
  }

  @Test
  void theLogIsInitializedByTheApplicationAlone() {
    run("logback-newest", SurroundingsApp.Logged.class, 5);
    // Logback says so once it is, as it is told to.
    assertThat(output)
        .filteredOn(line -> line.contains("INFO in ") || line.equals(NOT_INITIALIZED))
        .hasSizeGreaterThan(1)
        .first()
        .isEqualTo(NOT_INITIALIZED);
  }

  @ParameterizedTest
  @CsvSource({"tomcat-oldest, Javax", "tomcat-newest, Jakarta"})
  void headersOfARequestGiveCorrelationAndTrace(String libraries, String servlet) {
    List<String> rows = run(libraries, ServletApp.class, 1, servlet);
    assertThat(rows).containsExactly("request of-the-request " + TRACE + " " + SPAN);
  }

  /** Agent, correlation as it was given, trace and span of each execution. */
  private List<String> run(String libraries, Class<?> app, int executions, String... arguments) {
    String classPath =
        AgentJvm.classPathOf(app, AgentExecution.class)
            + File.pathSeparator
            + Libraries.classPath(libraries);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm jvm =
            AgentJvm.in(directory)
                .postgres(database)
                .service("surroundings")
                .property("agentlog.shutdown.wait", "30s") // It is over at once.
                .property(
                    "logback.statusListenerClass",
                    "ch.qos.logback.core.status.OnConsoleStatusListener")
                .start(classPath, app, arguments)) {
      assertThat(jvm.awaitExit(Duration.ofMinutes(1))).as("stderr: %s", jvm.stderr()).isZero();
      output = jvm.stdout();
      assertThat(output).contains("done");
      Rows.awaitEnded(database, executions, Duration.ofSeconds(30));
      return Rows.of(
              database,
              "SELECT agent_name, trace_id, span_id, COALESCE(metadata->>'correlation_id_raw',"
                  + " CASE WHEN correlation_id::text LIKE '7f3c1c1e%' THEN correlation_id::text END)"
                  + " AS correlation FROM agent_execution_logs ORDER BY started_at, execution_id")
          .stream()
          .map(SurroundingsIT::line)
          .toList();
    }
  }

  private static String line(Map<String, Object> row) {
    return "%s %s %s %s"
        .formatted(
            row.get("agent_name"), row.get("correlation"), row.get("trace_id"), row.get("span_id"));
  }
}

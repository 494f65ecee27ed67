package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Applications;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what the models of a run have used is known although its JVM is killed, and counted once.
 * Method: SIGKILL in an agent's third tool, the database out of reach; the next JVM adopts the
 * journal, and then a copy of it is delivered again.
 */
class KilledFrameworkIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String SERVICE = "killed";
  private static final String QUIET = "-Dslf4j.internal.verbosity=ERROR";

  /** Each table, without what the database's own clock says. */
  private static final Map<String, String> TABLES =
      Map.of(
          "agent_execution_logs", "to_jsonb(t) - 'created_at' - 'updated_at'",
          "agent_execution_progress", "to_jsonb(t)",
          "agent_model_calls", "to_jsonb(t)");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-oldest", "langchain4j-newest"})
  void killedRunHasTheTokensOfItsFinishedCallsOnce(String version) throws Exception {
    String classPath = Applications.compile(directory, version, "langchain4j/KilledApp.java");
    Path state =
        Files.createDirectory(
            directory.resolve("state"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path copy = directory.resolve("copy");
    try (Postgres database = Backends.postgres().newDatabase();
        TcpForwarder forwarder = new TcpForwarder(database.host(), database.port())) {
      forwarder.cut();
      try (AgentJvm app = app(state, database, forwarder).start(classPath, "app.KilledApp")) {
        app.awaitLine("three", DEADLINE);
        app.kill();
        app.awaitExit(DEADLINE);
      }
      copy(state, copy);
      assertThat(Rows.executions(database).list()).isEmpty();

      forwarder.open();
      try (AgentJvm next = app(state, database, forwarder).start(IdleApp.class)) {
        next.await(
            "the journal of the dead JVM is delivered",
            DEADLINE,
            () -> next.stderr().stream().anyMatch(line -> line.contains("of dead instance")));
        next.endInput();
        next.awaitSuccess();
      }
      assertThat(Rows.executions(database).only())
          .containsEntry("agent_name", "worker")
          .containsEntry("status", "failed")
          .containsEntry("error_type", "ExecutionAbandoned")
          .containsEntry("model", "fake-1")
          .containsEntry("model_calls", 3)
          .containsEntry("tool_calls", 3)
          .containsEntry("input_tokens", 600L)
          .containsEntry("output_tokens", 6L);
      Map<String, List<?>> before = contents(database);
      assertThat(before.get("agent_model_calls")).hasSize(3);

      ChildJvm again =
          AgentCommand.of("drain")
              .with("--service", SERVICE)
              .in(copy)
              .postgres(database)
              .setting("AGENTLOG_POSTGRES_HOST", forwarder.host())
              .setting("AGENTLOG_POSTGRES_PORT", forwarder.port())
              .start();
      assertThat(again.awaitExit(DEADLINE)).as("%s %s", again.stdout(), again.stderr()).isZero();
      assertThat(again.stdout())
          .last()
          .asString()
          .contains("drained 1 journals", "left: 0 journals");
      assertThat(contents(database)).isEqualTo(before);
    }
  }

  private static AgentJvm.Builder app(Path state, Postgres database, TcpForwarder forwarder) {
    return AgentJvm.in(state)
        .service(SERVICE)
        .options(QUIET)
        .postgres(database)
        .property("agentlog.postgres.host", forwarder.host())
        .property("agentlog.postgres.port", forwarder.port());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static Map<String, List<?>> contents(Postgres database) {
    Map<String, List<?>> contents = new TreeMap<>();
    TABLES.forEach(
        (table, columns) -> {
          List<Map<String, @Nullable Object>> rows =
              Rows.of(
                  database,
                  "SELECT (%s)::text AS row FROM %s t ORDER BY 1".formatted(columns, table));
          contents.put(table, rows);
        });
    return contents;
  }
}

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a JVM that shuts down leaves no row in progress, and its exit code and speed are its own.
 * Method: SIGTERM and {@code System.exit} while executions of the real application run.
 */
class ShutdownIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void executionThatRunsAtSigtermGetsAProvisionalEnd() { // Fault 9.
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      app.say("hang");
      app.awaitLine("hanging", DEADLINE);
      Rows.executions(database).ofAgent("hanging").awaitCount(1, DEADLINE);
      app.terminate();
      assertThat(app.awaitExit(DEADLINE)).isEqualTo(143);
      app.assertOnlyAgentLinesOnStderr();
      assertCancelledByShutdown(database, "hanging");
    }
  }

  @Test
  void exitWithinAnExecutionKeepsItsCodeAndEndsTheRow() { // Fault 10.
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      app.awaitLine("ready", DEADLINE);
      Rows.executions(database).awaitCount(1, DEADLINE);
      app.say("exit");
      assertThat(app.awaitExit(DEADLINE)).isEqualTo(3);
      assertCancelledByShutdown(database, "exiting");
    }
  }

  private static void assertCancelledByShutdown(Postgres database, String agent) {
    Map<String, Object> row = Rows.executions(database).ofAgent(agent).only();
    assertThat(row)
        .containsEntry("status", "cancelled")
        .containsEntry("error_type", "JvmShutdown")
        .containsEntry("seen", 9);
    assertThat((Long) row.get("duration_us")).isNotNegative();
    assertThat(Rows.executions(database).withStatus("in_progress").count()).isZero();
  }
}

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
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
      Rows.awaitCount(
          database,
          1,
          DEADLINE,
          "SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'hanging'");
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
      Rows.awaitCount(database, 1, DEADLINE, "SELECT count(*) FROM agent_execution_logs");
      app.say("exit");
      assertThat(app.awaitExit(DEADLINE)).isEqualTo(3);
      assertCancelledByShutdown(database, "exiting");
    }
  }

  private static void assertCancelledByShutdown(Postgres database, String agent) {
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs WHERE agent_name = ? AND status = 'cancelled'"
                    + " AND error_type = 'JvmShutdown' AND seen = 9 AND duration_us >= 0",
                agent))
        .isEqualTo(1);
    assertThat(
            Rows.count(
                database, "SELECT count(*) FROM agent_execution_logs WHERE status = 'in_progress'"))
        .isZero();
  }
}

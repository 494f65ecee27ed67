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
 * Goal: the agent keeps no class loader of an application alive, whatever its executions did (fault
 * 75). Method: run {@link RedeployApp} with the shipped jar, which deploys an application fifty
 * times.
 */
class RedeployIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  @TempDir private Path directory;

  @Test
  void loadersOfFiftyDeploymentsAreCollected() {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .service("server")
                .options("-Xmx256m")
                .start(RedeployApp.class)) {
      app.awaitLine("deployed " + RedeployApp.DEPLOYMENTS, DEADLINE);
      Rows.awaitCount(
          database,
          RedeployApp.DEPLOYMENTS * RedeployApp.EXECUTIONS,
          DEADLINE,
          "SELECT count(*) FROM agent_execution_logs");
      app.awaitLine("left 0", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(
              Rows.count(
                  database, "SELECT count(*) FROM agent_execution_logs WHERE status = 'success'"))
          .isEqualTo(RedeployApp.DEPLOYMENTS * (RedeployApp.EXECUTIONS - 1));
    }
  }
}

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the application's first look at its JDBC drivers shows what it shows without us, although
 * our connection is up before. Method: wait for our row in PostgreSQL, then let the application
 * ask.
 */
class DriverManagerIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void applicationSeesItsOwnDriversAloneAfterOurConnectionIsUp() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> without = drivers(AgentJvm.in(directory).withoutAgent(), null);
      List<String> with = drivers(AgentJvm.in(directory).postgres(database), database);
      assertThat(without).anyMatch(line -> line.contains("org.postgresql.Driver"));
      assertThat(with).isEqualTo(without);
    }
  }

  private static List<String> drivers(AgentJvm.Builder builder, Postgres database) {
    String classPath =
        AgentJvm.classPathOf(LoadApp.class, AgentExecution.class, org.postgresql.Driver.class);
    try (AgentJvm app = builder.start(classPath, LoadApp.class)) {
      app.awaitLine("ready", DEADLINE);
      if (database != null) {
        Rows.executions(database).awaitCount(1, DEADLINE);
      }
      app.say("drivers");
      app.endInput();
      app.awaitSuccess();
      return app.stdout();
    }
  }
}

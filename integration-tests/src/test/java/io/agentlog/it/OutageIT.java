package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an outage of the database loses nothing and is told in two lines. Method: stop a real
 * PostgreSQL for 20 seconds in the middle of a run, go on recording, start it, count.
 */
class OutageIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final Duration OUTAGE = Duration.ofSeconds(20);

  @Test
  void everyRowIsThereAfterPostgresWasDownInTheMiddleOfARun(
      @TempDir Path directory) { // Faults 35, 37.
    try (Postgres database = Postgres.startProcess();
        AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      app.say("run 500");
      app.awaitLine("ran 500", DEADLINE);
      Rows.executions(database).awaitCount(1, DEADLINE);
      database.stop();
      long back = System.nanoTime() + OUTAGE.toNanos();
      int rounds = 0;
      while (System.nanoTime() - back
          < 0) { // The outage's length is the test, not a wait for luck.
        app.say("run 100");
        rounds++;
        LockSupport.parkNanos(200_000_000L);
      }
      database.start();
      int expected = 1 + 500 + rounds * 100;
      Rows.executions(database).withStatus("success").awaitCount(expected, DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(Rows.executions(database).count()).isEqualTo(expected);
      assertThat(Rows.stages(database).count()).isEqualTo(expected);
      assertThat(
              app.stderr().stream()
                  .filter(line -> line.contains("postgres - ") && !line.contains("schema at")))
          .as("a line when it goes down, one when it is back; the whole outage is under a minute")
          .hasSize(2);
      assertThat(app.stderr()).last().asString().contains("dropped 0").contains("pending 0");
    }
  }
}

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal (fault 56): a sink that is down delays no other, and has all of it when it is back. Method:
 * the shipped agent with a real database and a real broker, of which one is stopped.
 */
@Timeout(600)
class SinkIndependenceIT {
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  @Test
  void rowsArriveWhileTheBrokerIsDownAndItsEventsLater(@TempDir Path directory) {
    try (Postgres database = Backends.postgres().newDatabase();
        Kafka kafka = Kafka.startOwn()) {
      assumeTrue(kafka.isOwned());
      kafka.createTopic("events", 1);
      kafka.stop();
      try (AgentJvm app =
          AgentJvm.in(directory)
              .postgres(database)
              .kafka(kafka, "events")
              .property("agentlog.shutdown.wait", "30s")
              .start(LoadApp.class)) {
        app.say("run 1000");
        // The broker is still down.
        Rows.executions(database).withStatus("success").awaitCount(1_001, DEADLINE);
        app.await(
            "the line that Kafka is down",
            DEADLINE,
            () -> app.stderr().stream().anyMatch(line -> line.contains("kafka - WARN down at")));
        kafka.start();
        app.say("run 10");
        assertThat(kafka.awaitRecordCount("events", 3 * 1_011, DEADLINE)).isTrue();
        Rows.executions(database).withStatus("success").awaitCount(1_011, DEADLINE);
        app.endInput();
        app.awaitSuccess();
        assertThat(app.stderr()).last().asString().contains("dropped 0").contains("pending 0");
      }
    }
  }
}

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.heartbeat.Heartbeat;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a real worker reads heartbeats again that could not be noted, and reads on. Method: a
 * worker with the unzipped plugin, and a session that has locked a table of the fleet.
 */
@Timeout(300)
class HeldHeartbeatsWorkerIT {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final UUID FIRST = new UUID(1, 1);
  private static final UUID SECOND = new UUID(2, 2);
  private static final String JUDGES =
      "SELECT count(*) FROM agent_fleet_progress WHERE judge IS NOT NULL";
  private static final String HEARD =
      "SELECT instance_id FROM agent_instances WHERE lease_until = 'infinity' ORDER BY 1";

  @TempDir private Path plugins;

  @Test
  void heartbeatsOfALockedTableAreReadAgain() throws Exception {
    Artifacts.unzipPlugin(plugins);
    try (Kafka kafka = Kafka.startProcess();
        Postgres database = Backends.postgres().newDatabase();
        ConnectWorker worker =
            ConnectWorker.startNew(ConnectVersion.NEWEST, kafka, "held", plugins, Map.of())) {
      EventTopics topics = EventTopics.create(kafka, 2);
      Loader loader = Loader.start(worker.rest(), topics, database, 1);
      await(
          worker,
          "tables",
          () -> hasRows(database, "FROM pg_tables WHERE tablename = 'agent_fleet_progress'"));
      await(worker, "a judge", () -> TableContents.count(database, JUDGES) == 1);
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("LOCK TABLE agent_fleet_instances IN SHARE MODE");
          TopicRecords.send(kafka, topics.instances(), List.of(heartbeat(FIRST, topics)));
          await(worker, "a line", () -> worker.log().contains("nobody is judged for now"));
        }
        connection.rollback();
      }
      await(
          worker,
          "the first heartbeat",
          () -> TableContents.texts(database, HEARD).equals(List.of(FIRST.toString())));
      TopicRecords.send(kafka, topics.instances(), List.of(heartbeat(SECOND, topics)));
      await(
          worker,
          "the second heartbeat",
          () ->
              TableContents.texts(database, HEARD)
                  .equals(List.of(FIRST.toString(), SECOND.toString())));
      loader.awaitLoaded();
      assertThat(kafka.recordCount(topics.deadLetters())).isZero();
    }
  }

  private static void await(ConnectWorker worker, String what, BooleanSupplier holds) {
    Until.holds(what, BOUND, holds, worker::log);
  }

  private static boolean hasRows(Postgres database, String from) {
    return TableContents.count(database, "SELECT count(*) " + from) > 0;
  }

  private static byte[] heartbeat(UUID instance, EventTopics topics) {
    return new Heartbeat(
            instance, "router", Instant.now(), Heartbeat.State.ALIVE, topics.events(), 2)
        .write();
  }
}

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: executions of a JVM that died with its disk are ended, those of no other, and nobody ends
 * any because the connector was away. Method: the shipped agent in JVMs that write to Kafka alone,
 * one with a database beside them, a worker with the unzipped plugin, and SIGKILL.
 */
@Timeout(1_200)
@EnabledIfSystemProperty(named = "agentlog.it.minutes", matches = "true")
class DeadJvmIT {
  /** Of a death that is read at once: the silence, a heartbeat, a look, and the next sweep. */
  private static final Duration BOUND = Duration.ofSeconds(150);

  /** How long the connector is stopped. */
  private static final Duration STOPPED =
      Duration.ofSeconds(Integer.getInteger("agentlog.fleet.stopped", 150));

  private static final int TASKS = 2;
  private static final String RUNNING =
      "SELECT instance_id FROM agent_execution_logs WHERE status = 'in_progress' AND agent_name = 'hanging-agent' ORDER BY 1";
  private static final String ENDED =
      "SELECT instance_id FROM agent_execution_logs WHERE error_type = 'ExecutionAbandoned'";

  @TempDir private Path plugins;
  @TempDir private Path directory;

  @Test
  void deadJvmIsFoundAndNoOtherWhetherTheConnectorRunsOrWasStopped() throws Exception {
    Artifacts.unzipPlugin(plugins);
    try (Kafka kafka = Kafka.startProcess();
        Postgres database = Backends.postgres().newDatabase();
        ConnectWorker worker =
            ConnectWorker.startNew(ConnectVersion.NEWEST, kafka, "dead", plugins, Map.of())) {
      EventTopics topics = EventTopics.create(kafka, 3);
      Loader loader = Loader.start(worker.rest(), topics, database, TASKS);
      try (FleetJvm living = FleetJvm.start(directory.resolve("living"), topics);
          FleetJvm first = FleetJvm.start(directory.resolve("first"), topics);
          FleetJvm second = FleetJvm.start(directory.resolve("second"), topics);
          FleetJvm direct = FleetJvm.startWithDatabase(directory.resolve("direct"), database)) {
        living.obey("hang", "hanging");
        List<String> ofLiving = awaitRunning(database, 1);
        first.obey("hang", "hanging");
        List<String> ofBoth = awaitRunning(database, 2);
        direct.obey("hang", "hanging");
        List<String> beforeSecond = awaitRunning(database, 3);
        second.obey("hang", "hanging");
        String ofSecond = other(awaitRunning(database, 4), beforeSecond);

        kill(first, "first");
        String ofFirst = other(ofBoth, ofLiving);
        await(
            database, ENDED, List.of(ofFirst), BOUND.plusSeconds(60)); // Sweeps begin after 2 min.
        assertThat(TableContents.texts(database, RUNNING)).hasSize(3).doesNotContain(ofFirst);

        worker.rest().stop(loader.name());
        kill(second, "second");
        Until.over( // The database's JVM has swept for long, and its own lease is all it sees.
            STOPPED,
            () -> assertThat(TableContents.texts(database, ENDED)).containsExactly(ofFirst));
        worker.rest().resume(loader.name());
        await(database, ENDED, List.of(ofFirst, ofSecond), BOUND);
        assertThat(TableContents.texts(database, RUNNING))
            .hasSize(2)
            .containsAll(ofLiving)
            .doesNotContain(ofSecond);
        assertThat(kafka.recordCount(topics.deadLetters())).isZero();
      }
    }
  }

  private static List<String> awaitRunning(Postgres database, int count) {
    Until.holds(
        count + " running executions",
        Duration.ofSeconds(60),
        () -> TableContents.texts(database, RUNNING).size() == count,
        () -> String.valueOf(TableContents.texts(database, RUNNING)));
    return TableContents.texts(database, RUNNING);
  }

  private static void await(
      Postgres database, String query, List<String> expected, Duration deadline) {
    Until.holds(
        String.valueOf(expected),
        deadline,
        () -> {
          List<String> found = TableContents.texts(database, query);
          return found.size() == expected.size() && found.containsAll(expected);
        },
        () ->
            TableContents.texts(database, query)
                + " of "
                + TableContents.texts(database, "SELECT i::text FROM agent_instances i")
                + TableContents.texts(database, "SELECT p::text FROM agent_fleet_progress p"));
  }

  private static String other(List<String> more, List<String> fewer) {
    return more.stream().filter(id -> !fewer.contains(id)).findFirst().orElseThrow();
  }

  /** The JVM dies, and nothing of its journal is left. */
  private void kill(FleetJvm jvm, String name) throws Exception {
    jvm.kill();
    try (var paths = Files.walk(directory.resolve(name))) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

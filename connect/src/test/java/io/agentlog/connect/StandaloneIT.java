package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: a standalone worker, which checks its connector at each start, waits for what is away and
 * ends for what is wrong. Method: the archive's own files, with the addresses of the test, and
 * servers that are not there yet.
 */
@Timeout(240)
class StandaloneIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String SECRET = "s3cret-7f3a";

  @TempDir private static Path plugins;
  private static Kafka kafka;
  private static Postgres database;

  @BeforeAll
  static void start() {
    kafka = Kafka.startCreatingTopics(3);
    database = Postgres.startProcess();
    Artifacts.unzipPlugin(plugins);
  }

  @AfterAll
  static void close() {
    kafka.close();
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void workerThatStartsBeforeItsDatabaseAndItsTopicsWaitsForBoth(ConnectVersion version)
      throws Exception {
    EventTopics topics = new EventTopics(kafka, "events-" + version, "details-" + version, "", "");
    Postgres own = database.newDatabase();
    String name =
        "waiting-" + version; // A group of its own: that of the other version has not ended.
    database.stop();
    try (ConnectWorker worker =
        ConnectWorker.startStandalone(version, worker(), connector(name, topics, own, Map.of()))) {
      worker.rest().awaitRunning(name, 1);
      assertThat(worker.log())
          .contains("settings of the database are not checked, because it is away");
      Until.holds(
          "search for the topic",
          DEADLINE,
          () -> worker.log().contains(topics.events() + "=UNKNOWN_TOPIC_OR_PARTITION"),
          worker::log);
      assertThat(kafka.topics()).doesNotContain(topics.events(), topics.details());

      kafka.createTopic(topics.events(), 1);
      kafka.createTopic(topics.details(), 1);
      TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
      Until.holds("outage", DEADLINE, () -> worker.log().contains("down at "), worker::log);
      database.start();
      Until.holds("rows", DEADLINE, () -> worker.log().contains("up again at "), worker::log);
      assertThat(TableContents.count(own, "SELECT count(*) FROM agent_execution_logs"))
          .isPositive();
      assertThat(worker.rest().states(name)).containsExactly("RUNNING", "RUNNING");
    }
  }

  @ParameterizedTest
  @EnumSource
  void workerWhoseDatabaseRefusesTheSettingsEndsAndSaysWhy(ConnectVersion version)
      throws Exception {
    Postgres own = database.newDatabase();
    assertRefused(
        version, own, "connection.password", SECRET, "refuses the log-in of user " + own.user());
    assertRefused(
        version,
        own,
        "connection.url",
        "jdbc:postgresql://no-such-host.invalid:5432/agents",
        "the host of no-such-host.invalid:5432 is not known: check connection.url");
    assertRefused(
        version,
        own,
        "connection.url",
        own.jdbcUrl() + "_missing",
        "_missing\" does not exist at " + own.host());
  }

  private static void assertRefused(
      ConnectVersion version, Postgres database, String key, String value, String why)
      throws IOException {
    EventTopics topics = new EventTopics(kafka, "unused", "unused-details", "", "");
    try (ConnectWorker worker =
        ConnectWorker.startStandalone(
            version, worker(), connector("refused", topics, database, Map.of(key, value)))) {
      Until.holds("end of the worker", DEADLINE, () -> !worker.isAlive(), worker::log);
      assertThat(worker.log())
          .contains("Connector configuration is invalid", why)
          .doesNotContain(SECRET);
    }
  }

  private static Map<String, String> worker() throws IOException {
    Map<String, String> worker = Artifacts.settings(plugins, "worker.properties");
    worker.put("bootstrap.servers", kafka.bootstrapServers());
    worker.put("plugin.path", plugins.toString());
    worker.put("config.providers.file.param.allowed.paths", plugins.toString());
    return worker;
  }

  private static Map<String, String> connector(
      String name, EventTopics topics, Postgres database, Map<String, String> more)
      throws IOException {
    Map<String, String> connector = Artifacts.settings(plugins, "agentlog.properties");
    connector.put("name", name);
    connector.put("topics", topics.events() + "," + topics.details());
    connector.put("connection.url", database.jdbcUrl());
    connector.put("connection.user", database.user());
    connector.put("connection.password", database.password());
    connector.put("errors.deadletterqueue.topic.replication.factor", "1");
    connector.putAll(more);
    return connector;
  }
}

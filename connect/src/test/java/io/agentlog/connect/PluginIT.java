package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentlog.backends.Backends;
import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: unzipped under {@code plugin.path} the archive is a plugin that works, and a wrong
 * configuration is named where it is wrong. Method: real workers of the oldest and the newest Kafka
 * Connect, asked over REST.
 */
class PluginIT {
  private static final long ZIP_BYTES_MAX = 5 << 20;
  private static final String SECRET = "s3cret-7f3a";

  @TempDir private static Path plugins;
  private static Kafka kafka;

  private final Postgres database = Backends.postgres().newDatabase();

  @BeforeAll
  static void start() {
    kafka = Kafka.startProcess();
    Artifacts.unzipPlugin(plugins);
  }

  @AfterAll
  static void close() {
    kafka.close();
  }

  @Test
  void archiveIsSmall() throws Exception {
    assertThat(Files.size(Artifacts.pluginZip())).isLessThanOrEqualTo(ZIP_BYTES_MAX);
  }

  @ParameterizedTest
  @EnumSource
  void unzippedArchiveIsAPluginThatLoadsEvents(ConnectVersion version) throws Exception {
    try (ConnectWorker worker =
        ConnectWorker.startNew(version, kafka, "plugin-" + version, plugins, Map.of())) {
      JsonNode listed = new ObjectMapper().readTree(worker.rest().plugins());
      assertThat(listed).hasSize(1);
      assertThat(listed.get(0).get("class").asText()).isEqualTo(Loader.CLASS);
      assertThat(listed.get(0).get("type").asText()).isEqualTo("sink");
      assertThat(listed.get(0).get("version").asText()).startsWith("0.1.0");

      EventTopics topics = EventTopics.create(kafka, 2);
      TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
      Loader loader = Loader.start(worker.rest(), topics, database, 2);
      loader.awaitLoaded();
      assertThat(TableContents.count(database, "SELECT count(*) FROM agent_execution_logs"))
          .isPositive();
      assertThat(kafka.recordCount(topics.deadLetters())).isZero();
      assertThat(worker.log().lines())
          .filteredOn(line -> line.contains(" WARN ") || line.contains(" ERROR "))
          .filteredOn(
              line -> line.contains("agentlog") || line.toLowerCase(Locale.ROOT).contains("plugin"))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongSettingIsOneErrorAtItsKeyWithoutSecrets(ConnectVersion version) throws Exception {
    try (ConnectWorker worker =
        ConnectWorker.startNew(version, kafka, "validate-" + version, plugins, Map.of())) {
      assertThat(errors(worker, Map.of())).isEmpty();
      assertThat(errors(worker, Map.of("connection.password", SECRET)))
          .containsOnlyKeys("connection.password");
      assertThat(
              errors(
                  worker, Map.of("value.converter", "org.apache.kafka.connect.json.JsonConverter")))
          .containsOnlyKeys("value.converter")
          .hasEntrySatisfying(
              "value.converter", text -> assertThat(text).contains("value.converter", "ByteArray"));
      assertThat(
              errors(
                  worker,
                  Map.of(
                      "connection.url",
                      database.jdbcUrl() + "?socketFactory=com.example.Evil&socketFactoryArg=x")))
          .containsOnlyKeys("connection.url")
          .hasEntrySatisfying("connection.url", text -> assertThat(text).contains("socketFactory"));
      assertThat(errors(worker, Map.of("retentoin", "30d")))
          .containsOnlyKeys("retentoin")
          .hasEntrySatisfying("retentoin", text -> assertThat(text).contains("mean retention"));
      assertThat(errors(worker, Map.of("connection.properties.loggerFile", "/tmp/" + SECRET)))
          .containsOnlyKeys("connection.properties.loggerFile");
      assertThat(
              errors(worker, Map.of("connection.url", database.jdbcUrl() + "?password=" + SECRET)))
          .containsOnlyKeys("connection.url");
    }
  }

  /** Connect from 4.4 on hides the reason in its answer, so that no value is told with it. */
  @Test
  void reasonIsLoggedAlsoWhereTheValueIsOfAProvider() throws Exception {
    Path secrets = Files.createDirectories(plugins.resolve("secrets"));
    Path file = Files.writeString(secrets.resolve("agentlog.properties"), "password=" + SECRET);
    Map<String, String> provider =
        Map.of(
            "config.providers", "file",
            "config.providers.file.class",
                "org.apache.kafka.common.config.provider.FileConfigProvider",
            "config.providers.file.param.allowed.paths", secrets.toString());
    try (ConnectWorker worker =
        ConnectWorker.startNew(ConnectVersion.NEWEST, kafka, "reason", plugins, provider)) {
      assertThat(errors(worker, Map.of("connection.password", "${file:" + file + ":password}")))
          .containsOnlyKeys("connection.password");
      assertThat(worker.log())
          .contains("settings are refused: ")
          .contains("refuses the log-in of user " + database.user())
          .doesNotContain(SECRET);
    }
  }

  @ParameterizedTest
  @EnumSource
  void distributedWorkerStartsWithTheArchivesFile(ConnectVersion version) throws Exception {
    Map<String, String> settings = Artifacts.settings(plugins, "worker-distributed.properties");
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("plugin.path", plugins.toString());
    settings.put("config.providers.file.param.allowed.paths", plugins.toString());
    settings.compute("group.id", (key, group) -> group + version);
    for (String topic : List.of("config", "offset", "status")) {
      settings.compute(topic + ".storage.topic", (key, name) -> name + version);
      settings.put(topic + ".storage.replication.factor", "1"); // There is one broker.
    }
    try (ConnectWorker worker = ConnectWorker.startDistributed(version, settings)) {
      assertThat(worker.rest().plugins()).contains(Loader.CLASS);
    }
  }

  /** Connect's producer waits for it for ever, unless it is told otherwise as here. */
  @Test
  void deadLetterQueueThatIsMissingEndsTheTaskAndNamesTheRecord() throws Exception {
    try (ConnectWorker worker =
        ConnectWorker.startNew(ConnectVersion.NEWEST, kafka, "queue", plugins, Map.of())) {
      EventTopics topics = EventTopics.create(kafka, 1);
      Map<String, String> config = Loader.config(topics, database, 1);
      config.put("producer.override.max.block.ms", "2000");
      worker.rest().put("queue", config);
      worker.rest().awaitRunning("queue", 1);
      kafka.deleteTopic(topics.deadLetters()); // Connect made it for the task.

      TopicRecords.send(kafka, topics.events(), List.of("no event".getBytes(UTF_8)));
      Until.holds(
          "end of the task",
          Duration.ofSeconds(60),
          () -> worker.rest().states("queue").contains("FAILED"),
          worker::log);
      assertThat(worker.rest().status("queue"))
          .contains(
              topics.events()
                  + "-0 offset 0 is refused, and can't be written to the dead letter queue");
    }
  }

  /** The errors of a configuration that is right but for some settings, by key. */
  private Map<String, String> errors(ConnectWorker worker, Map<String, String> wrong)
      throws Exception {
    Map<String, String> config =
        new HashMap<>(
            Loader.config(
                new EventTopics(kafka, "events", "details", "instances", "dead"), database, 1));
    config.put("name", "validated");
    config.putAll(wrong);
    String answer = worker.rest().validate(Loader.CLASS, config);
    Map<String, String> errors = new TreeMap<>();
    JsonNode json = new ObjectMapper().readTree(answer);
    for (JsonNode entry : json.get("configs")) {
      JsonNode value = entry.get("value");
      if (!value.get("errors").isEmpty()) {
        assertThat(value.get("errors")).as(answer).hasSize(1);
        errors.put(value.get("name").asText(), value.get("errors").get(0).asText());
      }
    }
    assertThat(json.get("error_count").asInt()).as(answer).isEqualTo(errors.size());
    assertThat(errors.values()).allSatisfy(text -> assertThat(text).doesNotContain(SECRET));
    return errors;
  }
}

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.config.Options;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of a connector as those of the sink. */
class ConnectorConfigTest {
  private static final Map<String, String> LEAST =
      Map.of("connection.url", "jdbc:postgresql://db:5432/agents");

  @Test
  void settingsOfTheDatabaseReachTheSink() {
    ConnectorConfig config =
        of(
            "connection.user", "loader",
            "connection.password", "geheim",
            "connection.properties.sslmode", "verify-full",
            "schema", "validate",
            "retention", "30d");

    assertThat(config.store().find(Options.POSTGRES_URL)).isEqualTo(LEAST.get("connection.url"));
    assertThat(config.store().find(Options.POSTGRES_USER)).isEqualTo("loader");
    assertThat(config.store().find(Options.POSTGRES_PASSWORD)).isEqualTo("geheim");
    assertThat(config.store().family(Options.POSTGRES_CLIENT))
        .containsEntry("sslmode", "verify-full")
        .containsEntry("ApplicationName", "agentlog-connect");
    assertThat(config.retention()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void withoutMoreThanAUrlTablesAreMadeAndNothingIsRemoved() {
    ConnectorConfig config = of();

    assertThat(config.store().get(Options.POSTGRES_SCHEMA)).hasToString("MIGRATE");
    assertThat(config.store().isExplicit(Options.POSTGRES_URL)).isTrue();
    assertThat(config.retention()).isNull();
    assertThat(config.batchEventsMax()).isEqualTo(2_000);
    assertThat(config.batchBytesMax()).isEqualTo(4 << 20);
  }

  /** The worker's own environment may belong to another program. */
  @Test
  void variablesAndSystemPropertiesOfTheWorkerAreNotRead() {
    System.setProperty("agentlog.postgres.user", "another");
    try {
      assertThat(of().store().find(Options.POSTGRES_USER)).isEqualTo("postgres");
    } finally {
      System.clearProperty("agentlog.postgres.user");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schema|upgrade|expected one of migrate, validate, off",
        "retention|5x|expected a duration",
        "retention|5m|expected at least 1h",
        "batch.events.max|0|at least 1",
        "batch.bytes.max|1|at least 65536",
        "connection.url|jdbc:mysql://geheim|must read jdbc:postgresql://HOST:PORT/DATABASE",
        "connection.properties.socketFactory|geheim|socketFactory is not allowed"
      })
  void unusableValueIsNamedByItsKey(String key, String value, String why) {
    assertThatThrownBy(() -> of(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(why)
        .hasMessageNotContaining("geheim");
  }

  @Test
  void fleetHasTheConnectorsNameUnlessItHasOneOfItsOwn() {
    assertThat(of("name", "router-loader").topics().fleet()).isEqualTo("router-loader");
    assertThat(of("name", "loader", "instances.fleet", " router ").topics().fleet())
        .isEqualTo("router");
    assertThat(of().topics().fleet()).isEqualTo("agentlog-connect");
  }

  @Test
  void connectorWithoutUrlIsRefused() {
    assertThatThrownBy(() -> ConnectorConfig.of(Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("connection.url");
  }

  @Test
  void settingsOfConnectThatLoseEventsAreNamedByTheirKeys() {
    assertThat(ConfigCheck.problemsOfConnect(LEAST))
        .containsOnlyKeys("key.converter", "value.converter");
    Map<String, String> sound =
        Map.of(
            "key.converter", "org.apache.kafka.connect.storage.StringConverter",
            "value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter",
            "errors.tolerance", "all",
            "errors.deadletterqueue.topic.name", "dlq");
    assertThat(ConfigCheck.problemsOfConnect(sound)).isEmpty();

    Map<String, String> silent = new TreeMap<>(sound);
    silent.remove("errors.deadletterqueue.topic.name");
    assertThat(ConfigCheck.problemsOfConnect(silent)).containsOnlyKeys("errors.tolerance");
    Map<String, String> shared = new TreeMap<>(sound);
    shared.put("consumer.override.group.id", "connect-other");
    assertThat(ConfigCheck.problemsOfConnect(shared))
        .containsOnlyKeys("consumer.override.group.id");
    Map<String, String> early = new TreeMap<>(sound);
    early.put("consumer.override.enable.auto.commit", "true");
    assertThat(ConfigCheck.problemsOfConnect(early))
        .containsOnlyKeys("consumer.override.enable.auto.commit");
    for (String reset : new String[] {"latest", "none", "by_duration:PT1H"}) {
      Map<String, String> skipping = new TreeMap<>(sound);
      skipping.put("consumer.override.auto.offset.reset", reset);
      assertThat(ConfigCheck.problemsOfConnect(skipping))
          .containsOnlyKeys("consumer.override.auto.offset.reset");
    }
    for (String acks : new String[] {"0", "1"}) {
      Map<String, String> hasty = new TreeMap<>(sound);
      hasty.put("producer.override.acks", acks);
      assertThat(ConfigCheck.problemsOfConnect(hasty)).containsOnlyKeys("producer.override.acks");
    }
    Map<String, String> asByDefault = new TreeMap<>(sound);
    asByDefault.put("consumer.override.auto.offset.reset", "earliest");
    asByDefault.put("producer.override.acks", "all");
    assertThat(ConfigCheck.problemsOfConnect(asByDefault)).isEmpty();
    Map<String, String> jsonKeys = new TreeMap<>(sound);
    jsonKeys.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
    assertThat(ConfigCheck.problemsOfConnect(jsonKeys)).containsOnlyKeys("key.converter");
    Map<String, String> heartbeats = new TreeMap<>(sound);
    heartbeats.put("topics", "agent-execution-logs, agent-instances");
    assertThat(ConfigCheck.problemsOfConnect(heartbeats)).containsOnlyKeys("instances.topic");
    heartbeats.put("instances.topic", "agent-instances");
    assertThat(ConfigCheck.problemsOfConnect(heartbeats)).isEmpty();
    heartbeats.put("topics", "agent-execution-logs");
    assertThat(ConfigCheck.problemsOfConnect(heartbeats))
        .containsOnlyKeys("instances.topic")
        .hasEntrySatisfying(
            "instances.topic",
            text -> assertThat(text).contains("or leave instances.topic out if another"));
    Map<String, String> pattern = new TreeMap<>(sound);
    pattern.put("topics.regex", "agent-execution-.*");
    assertThat(ConfigCheck.problemsOfConnect(pattern)).isEmpty();
    pattern.put("instances.topic", " agent-instances");
    assertThat(ConfigCheck.problemsOfConnect(pattern)).containsOnlyKeys("instances.topic");
    pattern.put("topics.regex", "agent-.*");
    assertThat(ConfigCheck.problemsOfConnect(pattern)).isEmpty();
    pattern.remove("instances.topic");
    assertThat(ConfigCheck.problemsOfConnect(pattern)).containsOnlyKeys("instances.topic");
    Map<String, String> unresolved = new TreeMap<>(sound);
    unresolved.put("connection.password", "${file:/run/secrets/agentlog.properties:password}");
    assertThat(ConfigCheck.problemsOfConnect(unresolved)).containsOnlyKeys("connection.password");
    Map<String, String> json = new TreeMap<>(sound);
    json.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    assertThat(ConfigCheck.problemsOfConnect(json)).containsOnlyKeys("value.converter");
  }

  /** The converter would read other texts from the same bytes, and no line would be broken. */
  @ParameterizedTest
  @CsvSource({"UTF-8,", "utf8,", "ISO-8859-1,refused", "no-such-encoding,refused"})
  void textsAreReadAsUtf8Alone(String encoding, String refused) {
    Map<String, String> properties =
        Map.of(
            "key.converter", "org.apache.kafka.connect.storage.StringConverter",
            "value.converter", "org.apache.kafka.connect.storage.StringConverter",
            "value.converter.encoding", encoding);
    assertThat(ConfigCheck.problemsOfConnect(properties).keySet())
        .isEqualTo(refused == null ? Set.of() : Set.of("value.converter.encoding"));
  }

  /** JSON that somebody sends over REST may have them. */
  @Test
  void settingThatIsNullCountsAsNotSet() {
    Map<String, String> properties = new TreeMap<>(LEAST);
    properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    properties.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    properties.put("retention", null);
    properties.put("connection.properties.options", null);
    properties.put("instances.topic", null);
    properties.put("instances.fleet", null);
    AgentlogSinkConnector connector = new AgentlogSinkConnector();
    connector.start(properties);
    assertThat(connector.taskConfigs(1)).hasSize(1);
    assertThat(ConnectorConfig.of(connector.taskConfigs(1).get(0)).retention()).isNull();
  }

  /** Connect passes on what nobody reads: a mistyped retention would remove nothing, in silence. */
  @ParameterizedTest
  @CsvSource({
    "connection.pasword,connection.password",
    "retentoin,retention",
    "retention.ms,retention",
    "instance.topic,instances.topic",
    "batch.event.max,batch.events.max",
    "password,connection.password",
    "connection.backoff.ms,the connector's are batch.bytes.max",
    "batch.size,the connector's are batch.bytes.max"
  })
  void keyThatIsNearlyOneOfTheConnectorsIsNamed(String key, String said) {
    assertThat(MistypedKeys.problems(Set.of(key)))
        .containsOnlyKeys(key)
        .hasEntrySatisfying(key, text -> assertThat(text).contains(said));
  }

  @Test
  void keysOfConnectAreNotTakenForMistyped() {
    Set<String> keys =
        Set.of(
            "name",
            "connector.class",
            "connector.plugin.version",
            "tasks.max",
            "topics",
            "topics.regex",
            "header.converter",
            "key.converter.schemas.enable",
            "transforms",
            "transforms.route.type",
            "predicates",
            "config.action.reload",
            "errors.retry.timeout",
            "errors.tolerance",
            "consumer.override.max.poll.records",
            "producer.override.batch.size",
            "connection.properties.sslmode");
    assertThat(MistypedKeys.problems(keys)).isEmpty();
    assertThat(MistypedKeys.problems(ConnectorConfig.DEFINITION.names())).isEmpty();
  }

  @Test
  void messagesOfTheStoreNameTheConnectorsKeys() {
    assertThat(
            SettingNames.inPlaceOfAgents(
                "check agentlog.postgres.user, agentlog.postgres.password, set"
                    + " agentlog.postgres.schema=migrate and"
                    + " agentlog.postgres.client.currentSchema"))
        .isEqualTo(
            "check connection.user, connection.password, set schema=migrate and"
                + " connection.properties.currentSchema");
  }

  private static ConnectorConfig of(String... more) {
    Map<String, String> properties = new TreeMap<>(LEAST);
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return ConnectorConfig.of(properties);
  }
}

package io.agentlog.connect;

import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.config.SchemaMode;
import io.agentlog.sink.BatchLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * The connector's settings. Those of the database have the names that other connectors for
 * databases use, and become the agent's settings for the sink. Immutable; its secrets are never
 * part of a message.
 */
final class ConnectorConfig {
  static final String URL = "connection.url";
  static final String USER = "connection.user";
  static final String PASSWORD = "connection.password";

  /** Prefix of the driver's settings. */
  static final String DRIVER_PREFIX = "connection.properties.";

  static final String SCHEMA = "schema";
  static final String BATCH_EVENTS_MAX = "batch.events.max";
  static final String BATCH_BYTES_MAX = "batch.bytes.max";
  static final String RETENTION = "retention";
  static final String INSTANCES_TOPIC = "instances.topic";
  static final String INSTANCES_FLEET = "instances.fleet";

  /** The connector's own name, which Connect sets; without one its fleet is {@link #SERVICE}. */
  private static final String NAME = "name";

  /** Settings of Connect itself that the connector has something to say about. */
  static final String KEY_CONVERTER = "key.converter";

  static final String VALUE_CONVERTER = "value.converter";
  static final String VALUE_ENCODING = "value.converter.encoding";

  static final String TOLERANCE = "errors.tolerance";
  static final String DEAD_LETTER_TOPIC = "errors.deadletterqueue.topic.name";

  /** Limits of the producer that writes the dead letter queue. */
  static final String REQUEST_SIZE_MAX = "producer.override.max.request.size";

  static final String BUFFER_SIZE = "producer.override.buffer.memory";
  static final String GROUP_ID = "consumer.override.group.id";
  static final String POLL_RECORDS_MAX = "consumer.override.max.poll.records";
  static final String AUTO_COMMIT = "consumer.override.enable.auto.commit";
  static final String OFFSET_RESET = "consumer.override.auto.offset.reset";
  static final String ACKS = "producer.override.acks";

  static final String BYTES_CONVERTER = "org.apache.kafka.connect.converters.ByteArrayConverter";

  static final String TEXT_CONVERTER = "org.apache.kafka.connect.storage.StringConverter";

  /** Shown to people as the service of the instances that tasks are. */
  static final String SERVICE = "agentlog-connect";

  private static final long REQUEST_SIZE_DEFAULT = 1 << 20;
  private static final long BUFFER_SIZE_DEFAULT = 32 << 20;

  private static final int EVENTS_LARGEST = 100_000;
  private static final long BYTES_LEAST = 64 << 10;
  private static final long BYTES_LARGEST = 256 << 20;

  private static final String GROUP_DATABASE = "Database";
  private static final String GROUP_LOADING = "Loading";

  static final ConfigDef DEFINITION =
      new ConfigDef()
          .define(
              URL,
              ConfigDef.Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              checked(DriverSettings::problemOfUrl),
              ConfigDef.Importance.HIGH,
              "The database, jdbc:postgresql://HOST:PORT/DATABASE, without user and password.",
              GROUP_DATABASE,
              1,
              ConfigDef.Width.LONG,
              "URL")
          .define(
              USER,
              ConfigDef.Type.STRING,
              "postgres",
              ConfigDef.Importance.HIGH,
              "User of the database.",
              GROUP_DATABASE,
              2,
              ConfigDef.Width.MEDIUM,
              "User")
          .define(
              PASSWORD,
              ConfigDef.Type.PASSWORD,
              null,
              ConfigDef.Importance.HIGH,
              "Password of the user; name it by a config provider, such as ${file:PATH:KEY}.",
              GROUP_DATABASE,
              3,
              ConfigDef.Width.MEDIUM,
              "Password")
          .define(
              SCHEMA,
              ConfigDef.Type.STRING,
              SchemaMode.MIGRATE.name().toLowerCase(Locale.ROOT),
              checked(ConnectorConfig::problemOfSchema),
              ConfigDef.Importance.MEDIUM,
              "migrate makes and alters tables as needed, validate looks whether they are as needed,"
                  + " off does neither.",
              GROUP_DATABASE,
              4,
              ConfigDef.Width.SHORT,
              "Schema")
          .define(
              RETENTION,
              ConfigDef.Type.STRING,
              null,
              checked(ConnectorConfig::problemOfRetention),
              ConfigDef.Importance.MEDIUM,
              "Age after which executions are removed, such as 30d; older events are not loaded."
                  + " Kafka's own retention has to be shorter. Default: nothing is removed.",
              GROUP_LOADING,
              1,
              ConfigDef.Width.SHORT,
              "Retention")
          .define(
              BATCH_EVENTS_MAX,
              ConfigDef.Type.INT,
              BatchLimits.COALESCING.eventsMax(),
              ConfigDef.Range.between(1, EVENTS_LARGEST),
              ConfigDef.Importance.LOW,
              "Most events of one transaction.",
              GROUP_LOADING,
              2,
              ConfigDef.Width.SHORT,
              "Events of a transaction")
          .define(
              BATCH_BYTES_MAX,
              ConfigDef.Type.LONG,
              BatchLimits.COALESCING.bytesMax(),
              ConfigDef.Range.between(BYTES_LEAST, BYTES_LARGEST),
              ConfigDef.Importance.LOW,
              "Bytes of values of one transaction; the last value may exceed it.",
              GROUP_LOADING,
              3,
              ConfigDef.Width.SHORT,
              "Bytes of a transaction")
          .define(
              INSTANCES_TOPIC,
              ConfigDef.Type.STRING,
              "",
              ConfigDef.Importance.LOW,
              "The topic, one of the connector's, on which JVMs say that they live: the agent's"
                  + " kafka.instances-topic. Executions of JVMs that fall silent there are marked as"
                  + " failed. Empty judges nobody.",
              GROUP_LOADING,
              4,
              ConfigDef.Width.MEDIUM,
              "Topic of heartbeats")
          .define(
              INSTANCES_FLEET,
              ConfigDef.Type.STRING,
              "",
              ConfigDef.Importance.LOW,
              "Name of the JVMs whose heartbeats these are. Connectors that load one database and"
                  + " judge JVMs need different ones. Keep it when the connector gets another name."
                  + " Empty takes the connector's name.",
              GROUP_LOADING,
              5,
              ConfigDef.Width.MEDIUM,
              "Fleet");

  private final LoadedConfig store;
  private final ConnectorTopics topics;
  private final int batchEventsMax;
  private final long batchBytesMax;
  private final long deadLetterBytesMax;
  private final int pollRecordsMax;

  private ConnectorConfig(
      LoadedConfig store,
      ConnectorTopics topics,
      int batchEventsMax,
      long batchBytesMax,
      long deadLetterBytesMax,
      int pollRecordsMax) {
    this.store = store;
    this.topics = topics;
    this.batchEventsMax = batchEventsMax;
    this.batchBytesMax = batchBytesMax;
    this.deadLetterBytesMax = deadLetterBytesMax;
    this.pollRecordsMax = pollRecordsMax;
  }

  /**
   * Reads the settings of a connector or task.
   *
   * @throws ConfigException if one is missing or not usable
   */
  static ConnectorConfig of(Map<String, String> properties) {
    AbstractConfig parsed = new AbstractConfig(DEFINITION, properties, false); // Without a log.
    List<String> problems = problemsOfDriver(properties);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems.get(0));
    }
    LoadedConfig store =
        ConfigLoader.loadForCommand(agentSettings(parsed, properties), new Properties(), Map.of());
    if (!store.problems().isEmpty()) {
      throw new ConfigException(SettingNames.inPlaceOfAgents(store.problems().get(0)));
    }
    return new ConnectorConfig(
        store,
        ConnectorTopics.of(
            properties,
            fleet(text(parsed, INSTANCES_FLEET), properties.get(NAME)),
            text(parsed, INSTANCES_TOPIC)),
        parsed.getInt(BATCH_EVENTS_MAX),
        parsed.getLong(BATCH_BYTES_MAX),
        Math.min(
            bytes(properties, REQUEST_SIZE_MAX, REQUEST_SIZE_DEFAULT),
            bytes(properties, BUFFER_SIZE, BUFFER_SIZE_DEFAULT)),
        (int) bytes(properties, POLL_RECORDS_MAX, IdleWatch.LIGHT_RECORDS_MAX));
  }

  /** Returns a setting; empty if it is not set, or set to nothing by JSON. */
  private static String text(AbstractConfig parsed, String key) {
    @Nullable String text = parsed.getString(key);
    return text == null ? "" : text.strip();
  }

  private static String fleet(String setting, @Nullable String name) {
    if (!setting.isEmpty()) {
      return setting;
    }
    return name == null || name.isBlank() ? SERVICE : name;
  }

  /** Most records of a poll; if the connector does not say so, fewer than any worker's default. */
  int pollRecordsMax() {
    return pollRecordsMax;
  }

  /** A setting of Kafka's client, which says itself what is wrong with it. */
  private static long bytes(Map<String, String> properties, String key, long otherwise) {
    try {
      String text = properties.get(key);
      return text == null ? otherwise : Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /** The settings of the database and of retention, as the sink reads them. */
  Config store() {
    return store;
  }

  ConnectorTopics topics() {
    return topics;
  }

  int batchEventsMax() {
    return batchEventsMax;
  }

  long batchBytesMax() {
    return batchBytesMax;
  }

  /** Largest record that the producer of the dead letter queue takes, with its headers. */
  long deadLetterBytesMax() {
    return deadLetterBytesMax;
  }

  /** Age after which events are not loaded; null for no limit. */
  @Nullable Duration retention() {
    return store.find(Options.RETENTION);
  }

  /** Returns what is wrong with one of the driver's settings, each with its key in front. */
  static List<String> problemsOfDriver(Map<String, String> properties) {
    List<String> problems = new ArrayList<>();
    new TreeMap<>(properties)
        .forEach(
            (key, value) -> {
              String problem =
                  key.startsWith(DRIVER_PREFIX) && value != null
                      ? DriverSettings.problemOf(key.substring(DRIVER_PREFIX.length()), value)
                      : null;
              if (problem != null) {
                problems.add(key + ": " + problem);
              }
            });
    return problems;
  }

  private static Map<String, String> agentSettings(
      AbstractConfig parsed, Map<String, String> properties) {
    Map<String, String> settings = new TreeMap<>();
    settings.put(Options.POSTGRES_CLIENT + "ApplicationName", SERVICE);
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(DRIVER_PREFIX) && value != null) {
            settings.put(Options.POSTGRES_CLIENT + key.substring(DRIVER_PREFIX.length()), value);
          }
        });
    settings.put(Options.POSTGRES_URL.key(), parsed.getString(URL));
    settings.put(Options.POSTGRES_USER.key(), parsed.getString(USER));
    settings.put(Options.POSTGRES_SCHEMA.key(), parsed.getString(SCHEMA));
    @Nullable Password password = parsed.getPassword(PASSWORD);
    if (password == null || password.value().isEmpty()) {
      // Or the driver would take the worker's own from ~/.pgpass, for whatever host the URL names.
      settings.put(Options.POSTGRES_CLIENT + "password", "");
    } else {
      settings.put(Options.POSTGRES_PASSWORD.key(), password.value());
    }
    @Nullable String retention = parsed.getString(RETENTION);
    if (retention != null) {
      settings.put(Options.RETENTION.key(), retention);
    }
    return settings;
  }

  private static @Nullable String problemOfSchema(String text) {
    try {
      SchemaMode.valueOf(text.strip().toUpperCase(Locale.ROOT));
      return null;
    } catch (IllegalArgumentException e) {
      return "expected one of migrate, validate, off";
    }
  }

  private static @Nullable String problemOfRetention(String text) {
    try {
      var unused = Options.RETENTION.parser().apply(text);
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  /** Says what is wrong with a value; null if nothing is. */
  @FunctionalInterface
  private interface Check {
    @Nullable String problem(String text);
  }

  /** Returns a validator whose message leaves the value out. */
  private static ConfigDef.Validator checked(Check check) {
    return (key, value) -> {
      String problem = value instanceof String text ? check.problem(text) : null;
      if (problem != null) {
        throw new ConfigException(key + ": " + problem);
      }
    };
  }
}

package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.log.AgentLog;
import io.agentlog.log.Finding;
import io.agentlog.postgres.DatabaseCheck;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Checks a configuration before a connector is made of it: the settings against each other, then
 * the database by connecting to it. Each finding is added to its key. A database that is away is no
 * finding, because a worker that starts beside it would end. Used once, by one thread.
 */
final class ConfigCheck {
  /** Limits of the driver, in seconds, so that whoever waits for the answer gets it soon. */
  private static final Map<String, String> QUICK =
      Map.of("connectTimeout", "3", "loginTimeout", "5", "socketTimeout", "5");

  /**
   * The keys that a finding of the database may name, in the order in which they are looked for.
   */
  private static final List<String> DATABASE_KEYS =
      List.of(
          ConnectorConfig.PASSWORD,
          ConnectorConfig.SCHEMA,
          ConnectorConfig.RETENTION,
          ConnectorConfig.URL,
          ConnectorConfig.USER);

  /** A value that no provider has replaced, as in {@code ${file:PATH:KEY}}. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[A-Za-z0-9_-]+:.*}");

  /** Values of {@code acks} that make a producer wait for all replicas. */
  private static final Set<String> ACKS_OF_ALL = Set.of("all", "-1");

  /** The topic of heartbeats, as the documentation names it. */
  private static final String HEARTBEATS = "agent-instances";

  private final Map<String, String> properties;
  private final Config config;

  /**
   * A check of a configuration.
   *
   * @param config its values, each parsed by itself; gets the findings
   */
  ConfigCheck(Map<String, String> properties, Config config) {
    this.properties = properties;
    this.config = config;
  }

  /** Checks, and connects unless something is wrong already. Takes some seconds at most. */
  void run() {
    for (String problem : ConnectorConfig.problemsOfDriver(properties)) {
      int colon = problem.indexOf(": ");
      addError(problem.substring(0, colon), problem.substring(colon + 2));
    }
    problemsOfConnect(properties).forEach(this::addError);
    MistypedKeys.problems(properties.keySet()).forEach(this::addError);
    boolean isSound = config.configValues().stream().allMatch(v -> v.errorMessages().isEmpty());
    if (isSound) {
      checkDatabase();
    }
  }

  /** Returns what is wrong with settings of Connect itself, by key. */
  static Map<String, String> problemsOfConnect(Map<String, String> properties) {
    Map<String, String> problems = new TreeMap<>();
    String converter = properties.get(ConnectorConfig.VALUE_CONVERTER);
    if (converter == null || !isPlain(converter)) {
      problems.put(
          ConnectorConfig.VALUE_CONVERTER,
          "it has to be %s: others change the events, and fail on a broken one before it can be told which it was"
              .formatted(ConnectorConfig.BYTES_CONVERTER));
    }
    String encoding = properties.get(ConnectorConfig.VALUE_ENCODING);
    if (encoding != null && !isUtf8(encoding)) {
      problems.put(
          ConnectorConfig.VALUE_ENCODING,
          "leave it out: events are UTF-8, and their texts would be read as others");
    }
    String keyConverter = properties.get(ConnectorConfig.KEY_CONVERTER);
    if (keyConverter == null || !isPlain(keyConverter)) {
      problems.put(
          ConnectorConfig.KEY_CONVERTER,
          "it has to be %s: keys are plain text, which others refuse, and each event with its key"
              .formatted(ConnectorConfig.TEXT_CONVERTER));
    }
    if ("all".equalsIgnoreCase(properties.get(ConnectorConfig.TOLERANCE))
        && isBlank(properties.get(ConnectorConfig.DEAD_LETTER_TOPIC))) {
      problems.put(
          ConnectorConfig.TOLERANCE,
          "all without %s loses each record that is refused: name a topic there, or leave it at none"
              .formatted(ConnectorConfig.DEAD_LETTER_TOPIC));
    }
    for (String key :
        List.of(ConnectorConfig.URL, ConnectorConfig.USER, ConnectorConfig.PASSWORD)) {
      if (PLACEHOLDER.matcher(text(properties, key)).matches()) {
        problems.put(
            key,
            "no config provider of the worker has replaced its placeholder: check the provider's name, the path, the key in the file, and what the provider may read");
      }
    }
    String problem = problemOfHeartbeats(properties);
    if (problem != null) {
      problems.put(ConnectorConfig.INSTANCES_TOPIC, problem);
    }
    if (properties.containsKey(ConnectorConfig.GROUP_ID)) {
      problems.put(
          ConnectorConfig.GROUP_ID,
          "leave it out: connectors of one group share its partitions, so each loads a part of the events");
    }
    if (!"false".equalsIgnoreCase(properties.getOrDefault(ConnectorConfig.AUTO_COMMIT, "false"))) {
      problems.put(
          ConnectorConfig.AUTO_COMMIT,
          "leave it out: the consumer would commit events that are not in the database yet");
    }
    if (!"earliest"
        .equalsIgnoreCase(setting(properties, ConnectorConfig.OFFSET_RESET, "earliest"))) {
      problems.put(
          ConnectorConfig.OFFSET_RESET,
          "leave it out: events of a partition that is new to the connector would be skipped. To begin later, set its offsets over REST");
    }
    if (!ACKS_OF_ALL.contains(setting(properties, ConnectorConfig.ACKS, "all"))) {
      problems.put(
          ConnectorConfig.ACKS,
          "leave it out: a refused record would count as written to the dead letter queue before it is safe there");
    }
    return problems;
  }

  /** A topic of heartbeats that is read as one of events would send each of them to the queue. */
  private static @Nullable String problemOfHeartbeats(Map<String, String> properties) {
    String heartbeats = text(properties, ConnectorConfig.INSTANCES_TOPIC);
    List<String> named = ConnectorTopics.listed(properties);
    String regex = text(properties, ConnectorTopics.REGEX);
    boolean isByPattern = named.isEmpty() && !regex.isEmpty();
    String topic = heartbeats.isEmpty() ? HEARTBEATS : heartbeats;
    boolean isRead = isByPattern ? matches(regex, topic) : named.contains(topic);
    String by = isByPattern ? ConnectorTopics.REGEX : ConnectorTopics.TOPICS;
    if (heartbeats.isEmpty()) {
      return isRead
          ? "%s names %s: name it here too, or take it out there".formatted(by, topic)
          : null;
    }
    return !isRead && (isByPattern || !named.isEmpty())
        ? "%s does not name %s: add it there, or leave %s out if another connector judges these JVMs"
            .formatted(by, topic, ConnectorConfig.INSTANCES_TOPIC)
        : null;
  }

  /** Returns whether a pattern has a topic; a broken one is told by Connect. */
  private static boolean matches(String regex, String topic) {
    try {
      return Pattern.matches(regex, topic);
    } catch (PatternSyntaxException e) {
      return true;
    }
  }

  private static boolean isPlain(String converter) {
    return converter.endsWith("ByteArrayConverter")
        || converter.endsWith(ConnectorConfig.TEXT_CONVERTER);
  }

  private static boolean isUtf8(String encoding) {
    try {
      return Charset.forName(encoding.strip()).equals(UTF_8);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Returns a setting; empty if it is not set, or set to nothing by JSON. */
  private static String text(Map<String, String> properties, String key) {
    return setting(properties, key, "");
  }

  private static String setting(Map<String, String> properties, String key, String otherwise) {
    String text = properties.get(key);
    return text == null ? otherwise : text.strip();
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }

  private void checkDatabase() {
    Map<String, String> quick = new TreeMap<>(properties);
    QUICK.forEach((key, value) -> quick.putIfAbsent(ConnectorConfig.DRIVER_PREFIX + key, value));
    try {
      ConnectorConfig parsed = ConnectorConfig.of(quick);
      boolean judges = !parsed.topics().heartbeats().isEmpty();
      DatabaseCheck check = DatabaseCheck.ofConnector(parsed.store(), judges);
      for (Finding finding : check.run()) {
        String text = SettingNames.inPlaceOfAgents(finding.text());
        if (finding.equals(check.away())) { // No setting is wrong for that, and tasks wait.
          AgentLog.warn(
              "connect", "settings of the database are not checked, because it is away: " + text);
        } else if (finding.level() == Finding.Level.WRONG) {
          addError(keyOf(text), text);
        } else if (finding.level() == Finding.Level.WARN) { // No setting is wrong for that either.
          AgentLog.info("connect", text);
        }
      }
    } catch (ConfigException e) {
      addError(ConnectorConfig.URL, String.valueOf(e.getMessage()));
    }
  }

  private static String keyOf(String text) {
    for (String key : DATABASE_KEYS) {
      if (text.contains(key) && (!key.equals(ConnectorConfig.SCHEMA) || text.contains("schema="))) {
        return key;
      }
    }
    return text.startsWith("user ") ? ConnectorConfig.USER : ConnectorConfig.URL;
  }

  /**
   * The text names its key, because Connect shows the texts of all keys one after the other. It is
   * logged, too, because Connect from 4.4 on hides the text of a key whose value comes from a
   * config provider.
   */
  private void addError(String key, String problem) {
    String text = problem.contains(key) ? problem : key + ": " + problem;
    AgentLog.warn("connect", "the connector's settings are refused: " + text);
    for (ConfigValue value : config.configValues()) {
      if (value.name().equals(key)) {
        value.addErrorMessage(text);
        return;
      }
    }
    ConfigValue value = new ConfigValue(key);
    value.addErrorMessage(text);
    config.configValues().add(value);
  }
}

package io.agentlog.agent.sink.kafka;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.UrlText;
import io.agentlog.log.AgentLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Properties of the Kafka clients: our defaults, then the family {@code kafka.client.*}, then the
 * values that delivery depends on; later ones win. Secrets in files of their own are read again for
 * each client, because they may have been rotated. Never printed, because it holds secrets.
 *
 * <p>Thread-safe, apart from {@link #producer()}, which belongs to the sink's thread.
 */
final class ProducerSettings {
  /** Longest wait for metadata or buffer space in one {@code send}, on the sink's thread alone. */
  static final Duration BLOCK_MAX = Duration.ofSeconds(5);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** Longest wait for an acknowledgement; then the batch fails and is delivered again. */
  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);

  /**
   * How much longer than its own timeout the client is waited for. While it asks for a producer ID
   * and no broker answers, it lets no record time out, and its {@code flush()} has no limit.
   */
  private static final Duration ANSWER_GRACE = Duration.ofSeconds(10);

  /**
   * The largest event: a prompt of 256 KiB whose every character becomes an escape of six. The
   * broker's own limit decides, not the client's.
   */
  private static final int REQUEST_SIZE_MAX_BYTES = 4 << 20;

  private static final long BUFFER_MEMORY_BYTES = 16L << 20;

  /** Codecs in the agent: brokers have gzip, and it needs no native library. */
  private static final Set<String> CODECS = Set.of("none", "gzip");

  private final String bootstrapServers;
  private final String clientId;
  private final Config config;

  /** Settings of the user, with the secrets as they were last read. */
  private volatile Map<String, String> family;

  private boolean hasWarned;

  ProducerSettings(Config config, String clientId) {
    bootstrapServers = KafkaTarget.of(config).bootstrapServers();
    this.clientId = clientId;
    this.config = config;
    family = config.family(Options.KAFKA_CLIENT);
  }

  String bootstrapServers() {
    return UrlText.withoutSecrets(bootstrapServers);
  }

  /** Returns the properties of the producer. The first call warns of settings that are not used. */
  Map<String, Object> producer() {
    family = config.family(Options.KAFKA_CLIENT);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId); // Differs from the application's own.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0L); // kafka.linger has batched already.
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MAX.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY_TIMEOUT.toMillis());
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_SIZE_MAX_BYTES);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_MEMORY_BYTES);
    Map<String, Object> fixed = fixed();
    fixed.put(ProducerConfig.ACKS_CONFIG, "all");
    fixed.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    for (Map.Entry<String, String> entry : family.entrySet()) {
      String key = entry.getKey();
      if (fixed.containsKey(key) || isRefused(key)) {
        warn(key, "the sink sets this property itself");
      } else if (key.equals(ProducerConfig.COMPRESSION_TYPE_CONFIG)
          && !CODECS.contains(entry.getValue().strip().toLowerCase(Locale.ROOT))) {
        warn(key, "the agent holds gzip and none only, the other codecs need native libraries");
      } else {
        settings.put(key, entry.getValue());
      }
    }
    settings.putAll(fixed);
    hasWarned = true;
    return settings;
  }

  /** Returns how long an answer of the producer is waited for. */
  long answerMaxMillis() {
    return deliveryTimeoutMillis() + ANSWER_GRACE.toMillis();
  }

  /** Returns how long the producer waits for an acknowledgement: ours, or the user's if usable. */
  private long deliveryTimeoutMillis() {
    String given = family.get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
    try {
      return given == null ? DELIVERY_TIMEOUT.toMillis() : Long.parseLong(given.strip());
    } catch (NumberFormatException e) { // No producer is made with it.
      return DELIVERY_TIMEOUT.toMillis();
    }
  }

  /**
   * Returns the properties of the client that creates a missing topic: the same brokers and log-in.
   */
  Map<String, Object> admin() {
    Map<String, Object> settings = new HashMap<>();
    family.forEach(
        (key, value) -> {
          if (AdminClientConfig.configNames().contains(key)) {
            settings.put(key, value);
          }
        });
    settings.putAll(fixed());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId + "-admin");
    return settings;
  }

  /** Replaces secrets of the settings in a message of the client. */
  String withoutSecrets(String message) {
    String clean = message.replace(bootstrapServers, bootstrapServers());
    for (Map.Entry<String, String> entry : family.entrySet()) {
      String key = entry.getKey();
      boolean secret =
          key.contains("password")
              || key.contains("jaas")
              || key.contains("secret")
              || key.endsWith(".key")
              || key.endsWith(".token");
      if (secret && !entry.getValue().isEmpty()) {
        clean = clean.replace(entry.getValue(), "****");
      } else if (!entry.getValue().isEmpty()) {
        clean = clean.replace(entry.getValue(), UrlText.withoutSecrets(entry.getValue()));
      }
    }
    return clean;
  }

  private Map<String, Object> fixed() {
    Map<String, Object> fixed = new LinkedHashMap<>();
    fixed.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    // The default, a reporter to JMX, would start the platform MBean server in an application that
    // may bring its own.
    fixed.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    fixed.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    return fixed;
  }

  private static boolean isRefused(String key) {
    return switch (key) {
      case ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG ->
          true;
      default -> false;
    };
  }

  private void warn(String key, String why) {
    if (hasWarned) {
      return;
    }
    AgentLog.warn(
        "kafka",
        "agentlog.%s%s is not used: %s. Remove the setting"
            .formatted(Options.KAFKA_CLIENT, key, why));
  }
}

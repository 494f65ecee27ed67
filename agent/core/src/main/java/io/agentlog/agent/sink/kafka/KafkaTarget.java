package io.agentlog.agent.sink.kafka;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.UrlText;
import io.agentlog.sink.Fingerprint;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The brokers and topic that the sink sends to. Uses no class of the Kafka client, so it works
 * without one.
 *
 * @param bootstrapServers {@code HOST:PORT}, separated by commas, as the client takes them
 */
public record KafkaTarget(String bootstrapServers, String topic) {
  /** The client takes {@code PROTOCOL://HOST:PORT} and ignores the protocol. */
  private static final Pattern PROTOCOL = Pattern.compile("(?i)(^|,)[a-z][a-z\\d+.-]*://");

  /**
   * Reads the settings.
   *
   * @param config has {@link Options#KAFKA_BOOTSTRAP_SERVERS} set
   */
  public static KafkaTarget of(Config config) {
    String servers =
        Objects.requireNonNull(
            config.find(Options.KAFKA_BOOTSTRAP_SERVERS),
            "the Kafka sink needs kafka.bootstrap-servers");
    return new KafkaTarget(
        servers.replace(';', ',').replace(" ", ""), config.get(Options.KAFKA_TOPIC));
  }

  /** Returns the fingerprint, as {@link io.agentlog.sink.Sink#fingerprint()}. */
  public String fingerprint() {
    return fingerprint(servers());
  }

  /** Returns whether a fingerprint is that of these brokers and topic. */
  boolean hasFingerprint(String other) {
    return Fingerprint.namings(servers()).stream().map(this::fingerprint).anyMatch(other::equals);
  }

  private String fingerprint(String servers) {
    return Fingerprint.of("kafka", Fingerprint.servers(servers), topic);
  }

  private String servers() {
    return PROTOCOL.matcher(bootstrapServers).replaceAll("$1");
  }

  /** Returns brokers and topic. */
  @Override
  public String toString() {
    return UrlText.withoutSecrets(bootstrapServers) + "/" + topic;
  }
}

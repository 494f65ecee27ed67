package io.agentlog.agent.sink.kafka;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.sink.Fingerprint;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where the sink sends to. Names nothing of Kafka's, so it is there even where the client can't be.
 *
 * @param bootstrapServers {@code HOST:PORT}, with a comma between, as the client takes them
 */
public record KafkaTarget(String bootstrapServers, String topic) {
  /** The client takes {@code PROTOCOL://HOST:PORT} and leaves the protocol aside. */
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
            "the Kafka sink is only made where kafka.bootstrap-servers is set");
    return new KafkaTarget(
        servers.replace(';', ',').replace(" ", ""), config.get(Options.KAFKA_TOPIC));
  }

  /** As {@link io.agentlog.sink.Sink#fingerprint()}. */
  public String fingerprint() {
    String servers = PROTOCOL.matcher(bootstrapServers).replaceAll("$1");
    return Fingerprint.of("kafka", Fingerprint.servers(servers), topic);
  }

  /** Brokers and topic. */
  @Override
  public String toString() {
    return bootstrapServers + "/" + topic;
  }
}

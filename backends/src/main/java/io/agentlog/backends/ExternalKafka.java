package io.agentlog.backends;

import java.util.Map;
import java.util.Optional;

/** A cluster that someone else runs; named by the environment. */
record ExternalKafka(String bootstrapServers) implements KafkaServer, ExternalServer {
  /** The cluster of {@code KAFKA_BOOTSTRAP_SERVERS}. */
  static Optional<KafkaServer> from(Map<String, String> environment) {
    String servers = environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "");
    return servers.isBlank() ? Optional.empty() : Optional.of(new ExternalKafka(servers));
  }

  @Override
  public String notOurs() {
    return "the Kafka cluster that KAFKA_BOOTSTRAP_SERVERS names can't be stopped or started by tests; unset it to use a broker started here";
  }
}

package io.agentlog.backends;

import java.util.Map;
import java.util.Optional;

/** A cluster that someone else runs; named by the environment. */
record ExternalKafka(String bootstrapServers) implements KafkaServer {
  private static final String NOT_OURS =
      "the Kafka cluster that KAFKA_BOOTSTRAP_SERVERS names can't be stopped or started by tests; unset it to use a broker started here";

  /** The cluster of {@code KAFKA_BOOTSTRAP_SERVERS}. */
  static Optional<KafkaServer> from(Map<String, String> environment) {
    String servers = environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "");
    return servers.isBlank() ? Optional.empty() : Optional.of(new ExternalKafka(servers));
  }

  @Override
  public boolean isOwned() {
    return false;
  }

  @Override
  public void start() {
    throw new UnsupportedOperationException(NOT_OURS);
  }

  @Override
  public void stop() {
    throw new UnsupportedOperationException(NOT_OURS);
  }

  @Override
  public void kill() {
    throw new UnsupportedOperationException(NOT_OURS);
  }

  @Override
  public void close() {
    // The cluster was running before and stays.
  }
}

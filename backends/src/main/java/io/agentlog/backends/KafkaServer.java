package io.agentlog.backends;

/** One Kafka broker, wherever it comes from. */
interface KafkaServer extends Server {
  String bootstrapServers();
}

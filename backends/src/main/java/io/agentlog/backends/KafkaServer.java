package io.agentlog.backends;

/**
 * One Kafka broker, wherever it comes from. The methods that change its state throw {@link
 * UnsupportedOperationException} where the broker is not ours.
 */
interface KafkaServer extends AutoCloseable {
  String bootstrapServers();

  boolean isOwned();

  /** Starts it again with its data, on the same port; returns when it answers. */
  void start();

  /** Ends it in an orderly way. */
  void stop();

  /** SIGKILL. */
  void kill();

  /** Ends it and removes its data; more than one call does no harm. */
  @Override
  void close();
}

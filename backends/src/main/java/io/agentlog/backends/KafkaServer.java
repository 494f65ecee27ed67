package io.agentlog.backends;

/**
 * One Kafka broker, wherever it comes from. The methods that change its state throw {@link
 * UnsupportedOperationException} if the broker is someone else's.
 */
interface KafkaServer extends AutoCloseable {
  String bootstrapServers();

  boolean isOwned();

  /** Starts the broker again with its data, on the same port; returns when it answers. */
  void start();

  /** Ends the broker in an orderly way. */
  void stop();

  /** Kills the broker with SIGKILL. */
  void kill();

  /** Ends the broker and removes its data; further calls do nothing. */
  @Override
  void close();
}

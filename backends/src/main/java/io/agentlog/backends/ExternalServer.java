package io.agentlog.backends;

/** A server that someone else runs. It was running before and stays, so closing does nothing. */
interface ExternalServer extends Server {
  /** The message of a refusal to stop or start the server; it names the variable to unset. */
  String notOurs();

  @Override
  default boolean isOwned() {
    return false;
  }

  @Override
  default void start() {
    throw new UnsupportedOperationException(notOurs());
  }

  @Override
  default void stop() {
    throw new UnsupportedOperationException(notOurs());
  }

  @Override
  default void kill() {
    throw new UnsupportedOperationException(notOurs());
  }

  @Override
  default void close() {}
}

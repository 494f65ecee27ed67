package io.agentlog.backends;

/**
 * One server, wherever it comes from. The methods that change its state throw {@link
 * UnsupportedOperationException} if the server is someone else's.
 */
interface Server extends AutoCloseable {
  boolean isOwned();

  /** Starts the server again with its data, on the same port; returns when it answers. */
  void start();

  /** Ends the server in an orderly way; open connections are cut. */
  void stop();

  /** Kills the server with SIGKILL. */
  void kill();

  /** Ends the server and removes its data; further calls do nothing. */
  @Override
  void close();
}

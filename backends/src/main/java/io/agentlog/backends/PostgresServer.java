package io.agentlog.backends;

/**
 * One PostgreSQL server, wherever it comes from. The methods that change its state throw {@link
 * UnsupportedOperationException} where the server is not ours.
 */
interface PostgresServer extends AutoCloseable {
  String host();

  int port();

  /** The database to connect to when no other exists yet. */
  String firstDatabase();

  String user();

  String password();

  boolean isOwned();

  /** Starts it again with its data, on the same port; returns when it takes connections. */
  void start();

  /** Ends it in an orderly way; open connections are cut. */
  void stop();

  /** SIGKILL. */
  void kill();

  /** Ends it and removes its data; more than one call does no harm. */
  @Override
  void close();
}

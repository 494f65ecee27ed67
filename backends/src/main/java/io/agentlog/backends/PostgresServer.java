package io.agentlog.backends;

/** One PostgreSQL server, wherever it comes from. */
interface PostgresServer extends Server {
  String host();

  int port();

  /** The database to connect to when no other exists yet. */
  String firstDatabase();

  String user();

  String password();
}

package io.agentlog.backends;

import java.util.Map;
import java.util.Optional;

/** A server that someone else runs; named by the environment. */
record ExternalPostgres(String host, int port, String firstDatabase, String user, String password)
    implements PostgresServer, ExternalServer {
  /** The server of {@code POSTGRES_HOST}, with {@code POSTGRES_PORT/DATABASE/USER/PASSWORD}. */
  static Optional<PostgresServer> from(Map<String, String> environment) {
    String host = environment.getOrDefault("POSTGRES_HOST", "");
    if (host.isBlank()) {
      return Optional.empty();
    }
    String user = environment.getOrDefault("POSTGRES_USER", "postgres");
    return Optional.of(
        new ExternalPostgres(
            host,
            port(environment.getOrDefault("POSTGRES_PORT", "5432")),
            environment.getOrDefault("POSTGRES_DATABASE", user),
            user,
            environment.getOrDefault("POSTGRES_PASSWORD", "")));
  }

  @Override
  public String notOurs() {
    return "the PostgreSQL server that POSTGRES_HOST names can't be stopped or started by tests; unset it to use a server started here";
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new BackendException("POSTGRES_PORT=" + text + " is not a number", e);
    }
  }

  /** Leaves out the password. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + firstDatabase;
  }
}

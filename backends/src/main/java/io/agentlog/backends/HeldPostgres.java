package io.agentlog.backends;

import java.io.IOException;

/**
 * A PostgreSQL for experiments. Makes a new database, prints its address as lines of {@code
 * agentlog.properties}, and keeps the server until standard input ends.
 */
public final class HeldPostgres {
  private HeldPostgres() {}

  public static void main(String[] arguments) throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      System.out.println("postgres.url=" + database.jdbcUrl());
      System.out.println("postgres.user=" + database.user());
      System.out.println("postgres.password=" + database.password());
      while (System.in.read() >= 0) {
        // Input has no meaning; its end ends the server.
      }
    }
  }
}

package io.agentlog.backends;

import java.io.IOException;

/**
 * A PostgreSQL to try things on: prints how to reach a new database of it, as lines of {@code
 * agentlog.properties}, and holds it until standard input ends.
 */
public final class HeldPostgres {
  private HeldPostgres() {}

  public static void main(String[] arguments) throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      System.out.println("postgres.url=" + database.jdbcUrl());
      System.out.println("postgres.user=" + database.user());
      System.out.println("postgres.password=" + database.password());
      while (System.in.read() >= 0) {
        // Until whoever started it has what they wanted.
      }
    }
  }
}

package io.agentlog.insight;

import io.agentlog.backends.Backends;
import io.agentlog.backends.DataSet;
import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Properties;

/** Databases with agentlog's tables. The caller closes them. */
public final class MadeTables {
  private MadeTables() {}

  /** A database whose tables are empty. */
  public static Postgres empty() {
    Postgres database = Backends.postgres().newDatabase();
    try {
      new TableSetup(
              ConfigLoader.load("postgres.schema=migrate", settings(database), System.getenv()))
          .run(false);
    } catch (SinkUnavailableException e) {
      throw new IllegalStateException("no tables in " + database + ": " + e.getMessage(), e);
    }
    return database;
  }

  /** A database with so many executions up to this moment; see {@link DataSet}. */
  public static Postgres busy(long executions) throws SQLException {
    Postgres database = empty();
    try (Connection connection = database.connect()) {
      new DataSet(executions, Instant.now()).write(connection);
    }
    return database;
  }

  /** The system properties that name a database. */
  public static Properties settings(Postgres database) {
    Properties settings = new Properties();
    settings.setProperty("agentlog.postgres.host", database.host());
    settings.setProperty("agentlog.postgres.port", String.valueOf(database.port()));
    settings.setProperty("agentlog.postgres.database", database.database());
    settings.setProperty("agentlog.postgres.user", database.user());
    settings.setProperty("agentlog.postgres.password", database.password());
    return settings;
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;

/**
 * A schema of a run's own with the sink's tables, on the server that {@code POSTGRES_HOST}, {@code
 * _PORT}, {@code _DATABASE}, {@code _USER} and {@code _PASSWORD} name. {@link #close} removes it.
 * One thread.
 */
final class MeasuredSchema implements AutoCloseable {
  private static final String NAME = "agentlog_measured";

  private final Connection connection;

  MeasuredSchema(Map<String, String> environment) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", environment.getOrDefault("POSTGRES_USER", "postgres"));
    properties.setProperty("password", environment.getOrDefault("POSTGRES_PASSWORD", ""));
    properties.setProperty("stringtype", "unspecified"); // Lets texts be parameters of any type.
    properties.setProperty("reWriteBatchedInserts", "true");
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                environment.getOrDefault("POSTGRES_HOST", "localhost"),
                environment.getOrDefault("POSTGRES_PORT", "5432"),
                environment.getOrDefault("POSTGRES_DATABASE", "postgres"));
    connection = new org.postgresql.Driver().connect(url, properties);
    connection.setAutoCommit(false);
    execute("DROP SCHEMA IF EXISTS %1$s CASCADE; CREATE SCHEMA %1$s".formatted(NAME));
    execute("SET search_path = " + NAME);
    for (String script : Track.EXECUTIONS.scripts()) {
      for (Script.Step step : Script.of(script, NAME).steps()) {
        execute(step.sql());
      }
    }
  }

  /** The connection, with auto-commit off. */
  Connection connection() {
    return connection;
  }

  /** Runs statements and commits. */
  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    connection.commit();
  }

  /** Runs a statement that can't run inside a transaction. */
  void executeAlone(String sql) throws SQLException {
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    connection.setAutoCommit(false);
  }

  /** The only value of the first row. */
  long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      long value = row.getLong(1);
      connection.commit();
      return value;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.rollback();
    execute("DROP SCHEMA " + NAME + " CASCADE");
    connection.close();
  }
}

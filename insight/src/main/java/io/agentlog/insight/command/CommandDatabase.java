package io.agentlog.insight.command;

import io.agentlog.config.Config;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.query.Database;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;

/** Opens the database for a command that reads once and ends. */
final class CommandDatabase {
  /** After this time the database ends a statement. Nobody waits for a page. */
  private static final Duration STATEMENT_MAX = Duration.ofSeconds(30);

  private CommandDatabase() {}

  /**
   * Opens it and waits for the first connection.
   *
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  static Database open(Config config) throws SinkUnavailableException {
    Database database = Dashboard.database(config, 1, STATEMENT_MAX);
    try {
      database.connect();
      return database;
    } catch (SinkUnavailableException e) {
      database.close();
      throw e;
    }
  }
}

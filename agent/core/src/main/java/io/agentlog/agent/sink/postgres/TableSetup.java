package io.agentlog.agent.sink.postgres;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Makes or lifts the tables once, for a command: by a user who may, so that the applications' users
 * need no right to.
 */
public final class TableSetup {
  private final PostgresTarget target;

  /** Does no I/O. The configuration names the database; {@code postgres.schema} has to be given. */
  public TableSetup(Config config) {
    this.target = PostgresTarget.of(config);
  }

  /**
   * Connects, and does what {@code postgres.schema} says.
   *
   * @return where the tables are, for people
   * @throws SinkUnavailableException if they are not usable afterwards, with what to do
   */
  public String run() throws SinkUnavailableException {
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setAutoCommit(false);
      new Migrations(target).prepare(connection);
      return target.toString();
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, true);
    }
  }
}

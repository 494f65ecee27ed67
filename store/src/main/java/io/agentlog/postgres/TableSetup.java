package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
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
   * @param relax whether then to take away NOT NULLs, keys and checks of the user's that would
   *     refuse rows, where no row, type or view is touched by that
   * @return where the tables are, for people
   * @throws SinkUnavailableException if they are not usable afterwards, with what to do
   */
  public String run(boolean relax) throws SinkUnavailableException {
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setAutoCommit(false);
      Migrations migrations = new Migrations(target);
      if (relax) {
        migrations.prepare(connection);
        for (String statement : migrations.relax(connection)) {
          AgentLog.info("postgres", "schema at %s: ran %s".formatted(target, statement));
        }
      }
      migrations.prepare(connection);
      return target.toString();
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, true);
    }
  }
}

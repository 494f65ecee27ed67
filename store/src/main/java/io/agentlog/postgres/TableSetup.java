package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Makes or lifts the tables once, for a command. Its user needs the right to, so that the
 * applications' users don't.
 */
public final class TableSetup {
  private final PostgresTarget target;

  /** Does no I/O. The configuration must name the database and {@code postgres.schema}. */
  public TableSetup(Config config) {
    this.target = PostgresTarget.of(config);
  }

  /**
   * Connects, and does what {@code postgres.schema} says.
   *
   * @param relax true to also remove the user's NOT NULLs, keys and checks that would refuse rows,
   *     if no row, type or view is touched
   * @return the place of the tables, for people
   * @throws SinkUnavailableException if the tables are not usable afterwards; the message says what
   *     to do
   */
  public String run(boolean relax) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(PostgresTarget.NOT_USABLE, null);
    }
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

package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.config.Config;
import io.agentlog.config.SchemaMode;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Script.Step;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Makes or lifts the tables once, for a command. Its user needs the right to, so that the
 * applications' users don't.
 */
public final class TableSetup {
  private final PostgresTarget target;
  private final Migrations executions;
  private final Migrations details;
  private final Migrations fleet;
  private final boolean wantsDetails;
  private final Partitioning days;

  /** The track that is at work. */
  private Migrations migrations;

  /** Does no I/O. The configuration must name the database and {@code postgres.schema}. */
  public TableSetup(Config config) {
    target = PostgresTarget.of(config);
    executions = new Migrations(target, System::nanoTime, () -> 0);
    details = new Migrations(target, Track.DETAILS, System::nanoTime, () -> 0);
    fleet = new Migrations(target, Track.FLEET, System::nanoTime, () -> 0);
    wantsDetails = DetailStore.mayCome(config);
    days = new Partitioning(config, line -> AgentLog.info("postgres", line));
    migrations = executions;
  }

  /**
   * Connects, and does what {@code postgres.schema} says. Makes indexes, too, however long it
   * takes, and the partitions of coming days where the tables are partitioned by day.
   *
   * @param relax true to also remove the user's NOT NULLs, keys and checks that would refuse rows,
   *     if no row, type or view is touched
   * @return the place of the tables, for people
   * @throws SinkUnavailableException if the tables are not usable afterwards; the message says what
   *     to do
   */
  public String run(boolean relax) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setAutoCommit(false);
      run(connection, executions, relax);
      checkComplete(connection);
      boolean hasDetails = !DetailStore.present(connection).isEmpty();
      connection.commit();
      if (wantsDetails || hasDetails) {
        run(connection, details, relax);
      }
      if (makesFleet(connection)) {
        run(connection, fleet, relax);
      }
      if (target.schemaMode() == SchemaMode.MIGRATE) {
        days.makeDays(connection);
      }
      return target.toString();
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, true);
    }
  }

  /** Makes a fleet's tables, too; where none may be made, looks at those that are there. */
  private boolean makesFleet(Connection connection) throws SQLException {
    Schema schema = Schema.read(connection, Track.FLEET);
    connection.commit();
    return target.schemaMode() == SchemaMode.MIGRATE
        || Track.FLEET.names().stream().anyMatch(schema::isThere);
  }

  private void run(Connection connection, Migrations track, boolean relax)
      throws SQLException, SinkUnavailableException {
    migrations = track;
    if (relax) {
      patiently(connection, () -> migrations.prepare(connection));
      patiently(connection, () -> relax(connection));
    }
    patiently(connection, () -> migrations.prepare(connection));
    List<Step> missing = migrations.missingIndexes();
    if (!missing.isEmpty()) {
      new IndexBuild(target, System::nanoTime).build(missing);
      patiently(connection, () -> migrations.prepare(connection)); // Records what was made.
    }
    if (!migrations.missingIndexes().isEmpty()) {
      throw new SinkUnavailableException(
          "indexes are still missing at %s, perhaps because another session is making them: %s. Run migrate again"
              .formatted(
                  target,
                  migrations.missingIndexes().stream().map(Step::name).collect(joining(", "))),
          null);
    }
  }

  /** Also refuses what the sink does without, because the caller has asked for all of it. */
  private void checkComplete(Connection connection) throws SQLException, SinkUnavailableException {
    List<String> missing = Schema.read(connection).allMissing();
    connection.rollback();
    if (!missing.isEmpty() && target.schemaMode() != SchemaMode.OFF) {
      throw new SinkUnavailableException(
          "the schema at %s is missing %s, without which events are delivered all the same: %s"
              .formatted(
                  target,
                  String.join(", ", missing),
                  migrations.isLockedOut()
                      ? "another session holds a lock on the table. Run migrate again later"
                      : "run migrate as the owner of the tables"),
          null);
    }
  }

  private void relax(Connection connection) throws SQLException {
    for (String statement : migrations.relax(connection)) {
      AgentLog.info("postgres", "schema at %s: ran %s".formatted(target, statement));
    }
  }

  /** Asks again, a second later, for a lock that another session holds. */
  private void patiently(Connection connection, Task step)
      throws SQLException, SinkUnavailableException {
    for (int attempt = 1; ; attempt++) {
      try {
        step.run();
        if (!migrations.isLockedOut() || attempt == LockAttempts.MAX) {
          return;
        }
      } catch (SinkUnavailableException e) {
        if (!migrations.isLockedOut() || attempt == LockAttempts.MAX) {
          throw e;
        }
      } catch (SQLException e) {
        if (!SqlStates.isLocked(e) || attempt == LockAttempts.MAX) {
          throw e;
        }
        connection.rollback();
      }
      migrations.retryNow();
      LockAttempts.pause();
    }
  }

  private interface Task {
    void run() throws SQLException, SinkUnavailableException;
  }
}

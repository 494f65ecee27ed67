package io.agentlog.postgres;

import java.sql.SQLException;
import java.time.LocalDate;

/** Says what a failure of the {@link Upkeep} means, and what to do. Without values or secrets. */
final class UpkeepMessages {
  private UpkeepMessages() {}

  /** Returns the message that this JVM has no lease, with meaning and remedy. */
  static String noLease(SQLException thrown, PostgresTarget target) {
    return "no lease is kept at %s (%s): if this JVM and its disk are lost, its running executions stay in_progress. %s"
        .formatted(
            target,
            SqlStates.shortText(thrown),
            SqlStates.isMissingRight(thrown)
                ? "Run GRANT SELECT, INSERT, UPDATE ON agent_instances TO "
                    + SqlStates.quoted(target.user())
                : "Set agentlog.postgres.schema=migrate, once as a user who may make the table"
                    + " agent_instances");
  }

  /** Returns the message that the agent's report of itself is not stored, with the remedy. */
  static String noReport(SQLException thrown, PostgresTarget target) {
    return "the dashboard can't show the counters and sinks of this JVM, because agent_instances at %s takes no report (%s). %s"
        .formatted(
            target,
            SqlStates.shortText(thrown),
            SqlStates.isMissingColumn(thrown)
                ? "Run java -jar agentlog.jar migrate, once as the owner of the table"
                : SqlStates.isMissingRight(thrown)
                    ? "Run GRANT SELECT, INSERT, UPDATE ON agent_instances TO "
                        + SqlStates.quoted(target.user())
                    : "Trying again every 10 minutes");
  }

  /** Returns the message that old executions are not removed, with the remedy. */
  static String notPruned(SQLException thrown, PostgresTarget target) {
    String remedy =
        SqlStates.isMissingRight(thrown)
            ? "Run GRANT SELECT, UPDATE, DELETE ON %s TO %s"
                .formatted(
                    Track.prunedOf(SqlStates.shortText(thrown)), SqlStates.quoted(target.user()))
            : SqlStates.isCancelled(thrown)
                ? "Removing one takes over %s ms: look for a trigger, for a table with a foreign key to agent_execution_logs whose column has no index, or for a missing index on started_at. Trying again every 10 minutes"
                    .formatted(StatementLimit.MILLIS_MAX)
                : "Trying again every 10 minutes";
    return "executions at %s that are older than agentlog.retention can't be removed (%s). %s"
        .formatted(target, SqlStates.shortText(thrown), remedy);
  }

  /** Returns the message that the user may not make the partition of a day, with the remedy. */
  static String noRightToPartition(DayPartitions of, LocalDate day, PostgresTarget target) {
    return "there is no partition of %s for %s at %s, and user %s may not make it: its rows go to %s until then. Run java -jar agentlog.jar migrate each day as %s, with agentlog.postgres.partitions-ahead=7d, say, or %s"
        .formatted(
            of.table(),
            day,
            target,
            target.user(),
            of.table().rest(),
            of.keeper(),
            of.logsIn()
                ? "let " + target.user() + " own the tables"
                : "run GRANT %s TO %s"
                    .formatted(SqlStates.quoted(of.role()), SqlStates.quoted(target.user())));
  }

  /**
   * Returns the message that a day stays in the partition of all other keys.
   *
   * @param made why
   */
  static String leftToDefault(
      DayMaking.Made made, DayTable table, LocalDate day, PostgresTarget target) {
    String why =
        switch (made) {
          case TIED ->
              "rows of it are in %s already, which can't be moved because of a foreign key, a trigger for DELETE or a publication"
                  .formatted(table.rest());
          case SLOW ->
              "it would take too long to move its rows out of %s, or to read that, while writers wait"
                  .formatted(table.rest());
          default ->
              "over %s of its rows are in %s already"
                  .formatted(DayMaking.MOVED_ROWS_MAX, table.rest());
        };
    return "the partition of %s for %s at %s was not made in time, and %s: its rows stay there, and retention removes them row by row"
        .formatted(table, day, target, why);
  }

  /** Returns the message that partitions can't be made, with the remedy. */
  static String notPartitioned(SQLException thrown, PostgresTarget target) {
    String remedy =
        SqlStates.isMissingRight(thrown)
            ? "Run GRANT USAGE, CREATE ON SCHEMA %s TO %s, and to the owner of the tables if that is a group, or java -jar agentlog.jar migrate each day as the owner of the tables"
                .formatted(SqlStates.quoted(target.schema()), SqlStates.quoted(target.user()))
            : SqlStates.isTaken(thrown)
                ? "Rename or drop the relation with this name"
                : "Change what the server names; a JVM tries again every 10 minutes";
    return "the partitions of the coming days can't be made at %s (%s): rows of a day without one go to the partition whose name ends with _default. %s"
        .formatted(target, SqlStates.shortText(thrown), remedy);
  }

  /** Returns the message that days can't be dropped now, since others hold the table. */
  static String noLockForDays(PostgresTarget target) {
    return "days that are older than agentlog.retention are not dropped at %s, since another session holds a lock on the table, perhaps a backup, a report or an open transaction. Old rows are removed one by one, and days are tried again every 5 minutes"
        .formatted(target);
  }

  /** Returns the message that a look at a day did not end in time. */
  static String slowDay(DayPartitions.Partition day, PostgresTarget target) {
    return "%s at %s is older than agentlog.retention and not dropped, since looking for its executions took too long, as it does as long as many old executions are not removed yet. Old rows are removed one by one, and days are tried again every 5 minutes"
        .formatted(day.place(), target);
  }

  /** Returns the message that days of a table are not dropped, because of a trigger. */
  static String seenDays(DayTable table, PostgresTarget target) {
    return "days of %s at %s that are older than agentlog.retention are not dropped, since a trigger for DELETE would not see their rows: they are removed one by one"
        .formatted(table, target);
  }

  /** Returns the message that days can't be dropped, with the reason. */
  static String noDayDropped(SQLException thrown, PostgresTarget target) {
    return "days that are older than agentlog.retention can't be dropped at %s (%s): look for an object that depends on a partition. Old rows are removed one by one"
        .formatted(target, SqlStates.shortText(thrown));
  }
}

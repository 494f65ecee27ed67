package io.agentlog.postgres;

import java.sql.SQLException;

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
}

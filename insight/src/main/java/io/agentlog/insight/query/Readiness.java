package io.agentlog.insight.query;

import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.List;

/** Finds out what the dashboard's user can do with the tables. Thread-safe. */
public final class Readiness {
  private static final String STATEMENT =
      """
      SELECT t.name, t.own, t.place IS NOT NULL AS there, coalesce(has_table_privilege(t.place, 'SELECT'), false) AS reads,
             coalesce(has_table_privilege(t.place, 'INSERT') AND has_table_privilege(t.place, 'UPDATE')
               AND has_table_privilege(t.place, 'DELETE'), false) AS writes,
             t.name = 'insight_rollup' AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.place
               AND attname = 'cost_currency' AND NOT attisdropped) AS old
      FROM (VALUES ('execution_logs', false, to_regclass('agent_execution_logs')),
                   ('execution_progress', false, to_regclass('agent_execution_progress')),
                   ('routing_decisions', false, to_regclass('agent_routing_decisions')),
                   ('instances', false, to_regclass('agent_instances')),
                   ('insight_rollup', true, to_regclass('agent_insight_rollup')),
                   ('insight_errors', true, to_regclass('agent_insight_errors')),
                   ('insight_decisions', true, to_regclass('agent_insight_decisions')),
                   ('insight_prompts', true, to_regclass('agent_insight_prompts')),
                   ('insight_provisional', true, to_regclass('agent_insight_provisional')),
                   ('insight_dirty', true, to_regclass('agent_insight_dirty')),
                   ('insight_state', true, to_regclass('agent_insight_state')),
                   ('insight_alerts', true, to_regclass('agent_insight_alerts')),
                   ('insight_alert_events', true, to_regclass('agent_insight_alert_events')),
                   ('insight_outbox', true, to_regclass('agent_insight_outbox')),
                   ('insight_losses', true, to_regclass('agent_insight_losses')),
                   ('insight_assessments', true, to_regclass('agent_insight_assessments')),
                   ('insight_scores', true, to_regclass('agent_insight_scores')),
                   ('insight_drops', true, to_regclass('agent_insight_drops')),
                   ('insight_judged', true, to_regclass('agent_insight_judged'))) AS t (name, own, place)\
      """;

  private final Database database;

  /**
   * A table.
   *
   * @param problem what is missing, and what to do; empty if nothing is
   */
  public record Table(String name, String problem) {}

  private record Found(
      String name, boolean isOwn, boolean isThere, boolean reads, boolean writes, boolean isOld) {
    String problem() {
      if (!isThere) {
        return "is missing: run java -jar %s migrate as the owner of the tables"
            .formatted(isOwn ? "agentlog-insight.jar" : "agentlog.jar");
      }
      if (!reads) {
        return "can't be read: GRANT SELECT ON %s to the dashboard's user".formatted(name);
      }
      if (isOld) {
        return "is that of an older dashboard: run java -jar agentlog-insight.jar migrate as the"
            + " owner of the tables";
      }
      return isOwn && !writes
          ? "can't be written: GRANT INSERT, UPDATE, DELETE ON %s to the dashboard's user, or start it with --no-rollup"
              .formatted(name)
          : "";
    }
  }

  public Readiness(Database database) {
    this.database = database;
  }

  /**
   * Looks at each table.
   *
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public List<Table> tables() throws SinkUnavailableException {
    List<Table> tables = new ArrayList<>();
    for (Found found :
        database.list(
            STATEMENT,
            row ->
                new Found(
                    "agent_" + row.getString("name"), // A whole name would get its schema.
                    row.getBoolean("own"),
                    row.getBoolean("there"),
                    row.getBoolean("reads"),
                    row.getBoolean("writes"),
                    row.getBoolean("old")))) {
      tables.add(new Table(found.name(), found.problem()));
    }
    return tables;
  }
}

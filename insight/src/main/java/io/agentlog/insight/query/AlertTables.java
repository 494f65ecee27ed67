package io.agentlog.insight.query;

import io.agentlog.sink.SinkUnavailableException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the tables of the alerts can be read. Thread-safe. */
final class AlertTables {
  // has_table_privilege is null for a table that is not there.
  private static final String STATEMENT =
      """
      SELECT name, to_regclass(name) IS NOT NULL AS exists, coalesce(has_table_privilege(to_regclass(name), 'SELECT'), false) AS readable
      FROM unnest(ARRAY['agent_insight_alerts', 'agent_insight_alert_events', 'agent_insight_outbox']) AS name""";

  private final Database database;

  AlertTables(Database database) {
    this.database = database;
  }

  private record Table(String name, boolean exists, boolean readable) {}

  /** Returns why they can't be read, and what to do; null if they can. */
  @Nullable String problem() throws SinkUnavailableException {
    List<Table> tables =
        database.list(
            STATEMENT,
            row ->
                new Table(
                    row.getString("name"), row.getBoolean("exists"), row.getBoolean("readable")));
    if (tables.stream().anyMatch(table -> !table.exists())) {
      return "The tables of the alerts are missing. Make them, as the owner of the agent's tables:"
          + " java -jar agentlog-insight.jar migrate";
    }
    List<String> unreadable =
        tables.stream().filter(table -> !table.readable()).map(Table::name).toList();
    return unreadable.isEmpty()
        ? null
        : "The dashboard's user may not read the tables of the alerts. As their owner, run: GRANT"
            + " SELECT ON %s to the dashboard's user".formatted(String.join(", ", unreadable));
  }
}

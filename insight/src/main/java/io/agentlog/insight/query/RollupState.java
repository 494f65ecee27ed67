package io.agentlog.insight.query;

import io.agentlog.insight.page.Age;
import io.agentlog.sink.SinkUnavailableException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether the tables of the trends can be read, and how old their figures are. Thread-safe. */
public final class RollupState {
  // has_table_privilege(oid) is null for a table that is not there.
  private static final String STATE =
      """
      SELECT name, to_regclass(name) IS NOT NULL AS exists, has_table_privilege(to_regclass(name), 'SELECT') AS readable,
             current_user AS reader
      FROM unnest(ARRAY['agent_insight_rollup', 'agent_insight_errors', 'agent_insight_decisions', 'agent_insight_prompts',
                        'agent_insight_state']) AS name""";

  private static final String TICK =
      "SELECT cursor, extract(epoch FROM now() - cursor) AS age FROM agent_insight_state WHERE key = 'rollup'";

  private final Database database;

  public RollupState(Database database) {
    this.database = database;
  }

  private record Table(String name, boolean exists, boolean readable, String reader) {}

  /** Returns the age of the figures, or what has to be done before there are any. */
  public Age read() throws SinkUnavailableException {
    List<Table> tables =
        database.list(
            STATE,
            row ->
                new Table(
                    row.getString("name"),
                    row.getBoolean("exists"),
                    row.getBoolean("readable"),
                    row.getString("reader")));
    String problem = problem(tables);
    if (problem != null) {
      return new Age(null, null, problem);
    }
    List<Age> ticks =
        database.list(
            TICK,
            row ->
                new Age(
                    Database.time(row, "cursor"),
                    Objects.requireNonNullElse(Database.decimal(row, "age"), 0.0),
                    null));
    Age age = ticks.isEmpty() ? new Age(null, null, null) : ticks.get(0);
    return age.at() == null
        ? new Age(
            null,
            null,
            "The tables of the trends are empty: nothing has filled them yet. A dashboard whose user"
                + " may write them does so: start one with the settings of the user that ran migrate.")
        : age;
  }

  private static @Nullable String problem(List<Table> tables) {
    if (tables.stream().anyMatch(table -> !table.exists())) {
      return "The tables of the trends are missing. Make them, as the owner of the agent's tables:"
          + " java -jar agentlog-insight.jar migrate";
    }
    List<String> unreadable =
        tables.stream().filter(table -> !table.readable()).map(Table::name).toList();
    return unreadable.isEmpty()
        ? null
        : "The user %s may not read the tables of the trends. As their owner, run: GRANT SELECT ON %s TO %s"
            .formatted(
                tables.get(0).reader(),
                String.join(", ", unreadable),
                quoted(tables.get(0).reader()));
  }

  private static String quoted(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}

package io.agentlog.insight.query;

import io.agentlog.insight.page.Age;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the tables of the trends can be read, and how old their figures are. Thread-safe. */
public final class RollupState {
  /** Tables that are kept together. */
  public enum Duty {
    EXECUTIONS("rollup", Duration.ofMinutes(2)),
    DECISIONS("decisions", Duration.ofMinutes(10)),
    PROMPTS("prompts", Duration.ofHours(6));

    private final String key;
    private final Duration lateAfter;

    /**
     * @param lateAfter several times as long as it takes until the figures are usually computed
     *     again
     */
    Duty(String key, Duration lateAfter) {
      this.key = key;
      this.lateAfter = lateAfter;
    }

    String key() {
      return key;
    }
  }

  // has_table_privilege is null for a table that is not there.
  private static final String TABLES =
      """
      SELECT name, to_regclass(name) IS NOT NULL AS exists, has_table_privilege(to_regclass(name), 'SELECT') AS readable,
             name = 'agent_insight_rollup' AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name)
               AND attname = 'cost_currency' AND NOT attisdropped) AS old, current_user AS reader
      FROM unnest(ARRAY['agent_insight_rollup', 'agent_insight_errors', 'agent_insight_decisions', 'agent_insight_prompts',
                        'agent_insight_dirty', 'agent_insight_state']) AS name\
      """;

  // Shorter ranges are late ends, which are counted within seconds.
  private static final String AGE =
      """
      SELECT cursor, extract(epoch FROM now() - cursor) AS age,
             (SELECT max(ends) FROM agent_insight_dirty d WHERE d.duty = s.key AND ends - begins >= interval '1 hour') AS missing
      FROM agent_insight_state s WHERE key = ?\
      """;

  private final Database database;

  public RollupState(Database database) {
    this.database = database;
  }

  private record Table(
      String name, boolean exists, boolean readable, boolean isOld, String reader) {}

  /** Returns the age of the figures, or what has to be done before there are any. */
  public Age read(Duty duty) throws SinkUnavailableException {
    List<Table> tables =
        database.list(
            TABLES,
            row ->
                new Table(
                    row.getString("name"),
                    row.getBoolean("exists"),
                    row.getBoolean("readable"),
                    row.getBoolean("old"),
                    row.getString("reader")));
    String problem = problem(tables);
    if (problem != null) {
      return Age.none(problem);
    }
    List<Age> ages =
        database.list(
            AGE,
            row -> {
              Double seconds = Database.decimal(row, "age");
              return new Age(
                  Database.time(row, "cursor"),
                  seconds,
                  Database.time(row, "missing"),
                  null,
                  seconds == null ? null : warning(duty, seconds));
            },
            duty.key);
    return ages.isEmpty() || ages.get(0).at() == null
        ? Age.none(
            "The tables of the trends are empty: nothing has filled them yet. A dashboard whose"
                + " user may write them does so: start one with the settings of the user that ran"
                + " migrate.")
        : ages.get(0);
  }

  private static @Nullable String warning(Duty duty, double seconds) {
    return seconds < duty.lateAfter.toSeconds()
        ? null
        : "No dashboard has brought these figures up to date for some time. The log of the one"
            + " whose user may write the tables says why.";
  }

  private static @Nullable String problem(List<Table> tables) {
    if (tables.stream().anyMatch(table -> !table.exists())) {
      return "The tables of the trends are missing. Make them, as the owner of the agent's tables:"
          + " java -jar agentlog-insight.jar migrate";
    }
    if (tables.stream().anyMatch(Table::isOld)) {
      return "The tables of the trends are those of an older dashboard. Bring them up to date, as"
          + " the owner of the agent's tables: java -jar agentlog-insight.jar migrate";
    }
    List<String> unreadable =
        tables.stream().filter(table -> !table.readable()).map(Table::name).toList();
    String reader = tables.get(0).reader();
    return unreadable.isEmpty()
        ? null
        : "The user %s may not read the tables of the trends. As their owner, run: GRANT SELECT ON %s TO %s"
            .formatted(reader, String.join(", ", unreadable), quoted(reader));
  }

  private static String quoted(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}

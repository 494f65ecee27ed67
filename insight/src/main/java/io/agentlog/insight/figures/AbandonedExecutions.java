package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Texts;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Executions that another JVM has ended because theirs was gone, from the groups of errors. */
final class AbandonedExecutions {
  static final String STATEMENT =
      """
      SELECT agent_name, sum(provisional) AS n, min(first_seen) AS since,
             array_to_string(array_agg(example ORDER BY last_seen DESC), ',') AS examples
      FROM agent_insight_errors
      WHERE level = 1 AND bucket >= now() - ?::bigint * interval '1 microsecond' AND error_type = 'ExecutionAbandoned' AND provisional > 0
        AND agent_name LIKE ANY (?::text[])
      GROUP BY agent_name HAVING sum(provisional) >= ? ORDER BY n DESC LIMIT ?""";

  private final Database database;

  AbandonedExecutions(Database database) {
    this.database = database;
  }

  List<Finding> find(Condition.Abandoned condition, List<String> agents)
      throws SinkUnavailableException {
    List<Finding> all =
        database.list(
            STATEMENT,
            row -> {
              String agent = row.getString("agent_name");
              long n = row.getLong("n");
              String summary =
                  "%s: %s in the last %s ended by another JVM, because theirs was gone"
                      .formatted(
                          agent,
                          Rows.count(n, "execution was", "executions were"),
                          Texts.of(condition.window()));
              return new Finding(
                  Map.of("agent", agent),
                  summary,
                  Rows.timeOrNull(row, "since"),
                  n,
                  n,
                  n,
                  "count",
                  condition.minCount() - 1.0,
                  Rows.ids(row, "examples"));
            },
            Rows.micros(condition.window()),
            AgentNames.like(agents),
            condition.minCount(),
            1_000);
    List<Finding> found = new ArrayList<>(all);
    found.removeIf(
        finding -> !AgentNames.match(agents, String.valueOf(finding.labels().get("agent"))));
    return found;
  }
}

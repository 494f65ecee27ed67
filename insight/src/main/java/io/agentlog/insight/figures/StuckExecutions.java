package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.Totals;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executions in progress for longer than a rule allows and than is usual, or of a JVM whose lease
 * ran out over a minute ago: other JVMs would have ended them by then. One thread.
 */
final class StuckExecutions {
  /** Executions that are looked at, the oldest. */
  static final int ROWS_MAX = 50_000;

  /** Those of one agent, so that it hides no other. */
  static final int AGENT_ROWS_MAX = 1_000;

  /** How many times the agent's p99 is usual. */
  private static final int USUAL_TIMES = 3;

  private static final Duration USUAL_KEPT = Duration.ofHours(1);
  private static final int USUAL_ROWS_MAX = 10_000;

  /** Leaves out executions older than 30 days: they were forgotten, often by another logger. */
  static final String RUNNING =
      """
      SELECT execution_id, agent_name, started_at, left(metadata -> 'progress' ->> 'stage', 200) AS stage,
             (extract(epoch FROM now() - started_at) * 1000000)::bigint AS us, lost
      FROM (
        SELECT r.*, row_number() OVER (PARTITION BY agent_name ORDER BY started_at) AS place
        FROM (
          SELECT e.execution_id, coalesce(e.agent_name, '') AS agent_name, e.started_at, e.metadata,
                 coalesce(i.lease_until < now() - interval '1 minute', false) AS lost
          FROM agent_execution_logs e LEFT JOIN agent_instances i USING (instance_id)
          WHERE e.status = 'in_progress' AND e.started_at > now() - interval '30 days' AND coalesce(e.agent_name, '') LIKE ANY (?::text[])
            AND (e.started_at < now() - ?::bigint * interval '1 microsecond' OR i.lease_until < now() - interval '1 minute')
          ORDER BY e.started_at LIMIT ?) AS r) AS p
      WHERE place <= ? ORDER BY started_at""";

  static final String USUAL =
      "SELECT agent_name, "
          + Totals.COLUMNS
          + " FROM agent_insight_rollup WHERE level = 3 AND bucket > now() - interval '8 days' LIMIT ?";

  private final Database database;
  private Map<String, Long> usual = Map.of();
  private Instant usualAt = Instant.EPOCH;

  StuckExecutions(Database database) {
    this.database = database;
  }

  private record Running(
      UUID id, String agent, Instant since, @Nullable String stage, long micros, boolean lost) {}

  List<Finding> find(Condition.Stuck condition, List<String> agents)
      throws SinkUnavailableException {
    long after = Rows.micros(condition.after());
    Map<String, List<Running>> byAgent = new TreeMap<>();
    List<Running> all =
        database.list(
            RUNNING,
            row ->
                new Running(
                    Rows.id(row, "execution_id"),
                    row.getString("agent_name"),
                    Rows.time(row, "started_at"),
                    row.getString("stage"),
                    row.getLong("us"),
                    row.getBoolean("lost")),
            AgentNames.like(agents),
            after,
            ROWS_MAX,
            AGENT_ROWS_MAX);
    if (!all.isEmpty()) {
      readUsual();
    }
    for (Running each : all) {
      if (AgentNames.match(agents, each.agent)
          && (each.lost || each.micros > limit(after, each.agent))) {
        byAgent.computeIfAbsent(each.agent, agent -> new ArrayList<>()).add(each);
      }
    }
    List<Finding> findings = new ArrayList<>();
    byAgent.forEach((agent, list) -> findings.add(finding(agent, list, limit(after, agent))));
    return findings;
  }

  private long limit(long after, String agent) {
    return Math.max(after, USUAL_TIMES * usual.getOrDefault(agent, 0L));
  }

  private void readUsual() throws SinkUnavailableException {
    Instant now = Instant.now();
    if (now.isBefore(usualAt.plus(USUAL_KEPT))) {
      return;
    }
    Map<String, Totals> totals = new HashMap<>();
    database.list(
        USUAL,
        row -> {
          totals.computeIfAbsent(row.getString("agent_name"), agent -> new Totals()).add(row);
          return 1;
        },
        USUAL_ROWS_MAX);
    Map<String, Long> found = new HashMap<>();
    totals.forEach(
        (agent, total) -> {
          Integer bin = total.durations().quantile(0.99);
          if (bin != null) {
            found.put(agent, Scales.micros(bin));
          }
        });
    usual = found;
    usualAt = now;
  }

  private static Finding finding(String agent, List<Running> list, long limit) {
    Running oldest = list.get(0);
    long lost = list.stream().filter(Running::lost).count();
    String stage = oldest.stage == null ? "" : ", at stage " + oldest.stage;
    String gone = lost == 0 ? "" : "; " + lost + " of them in a JVM that is not heard of any more";
    String summary =
        "%s: %s in progress for too long; the oldest for %s%s (limit %s)%s"
            .formatted(
                agent,
                list.size() == AGENT_ROWS_MAX
                    ? AGENT_ROWS_MAX + " executions or more are"
                    : Rows.count(list.size(), "execution is", "executions are"),
                age(oldest.micros),
                stage,
                age(limit),
                gone);
    return new Finding(
        Map.of("agent", agent),
        summary,
        oldest.since.plus(limit, ChronoUnit.MICROS),
        list.size(),
        list.size(),
        oldest.micros,
        "us",
        (double) limit,
        list.stream()
            .sorted(Comparator.comparing(Running::since).reversed())
            .limit(RowFindings.EXAMPLES_MAX)
            .map(Running::id)
            .toList());
  }

  private static String age(long micros) {
    return Format.age(Duration.of(micros, ChronoUnit.MICROS));
  }
}

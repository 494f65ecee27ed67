package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Texts;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Executions that pass the same stage again and again. A look reads those that run, and those that
 * ended since the look before; what was found is kept until the window has passed. One thread.
 */
final class StageLoops {
  /** Executions whose stages are counted in one look: those with the most stages. */
  static final int EXECUTIONS_MAX = 100;

  /** Stages of an execution that are counted, the newest. */
  static final int STAGES_MAX = 20_000;

  /** How much later than it happened an end may come. */
  private static final Duration LATE = Duration.ofMinutes(5);

  // A stage that reports both its begin and its end has two rows; that of the end has its duration.
  static final String STATEMENT =
      """
      WITH c AS MATERIALIZED (
        (SELECT execution_id, agent_name, now() AS at FROM agent_execution_logs
         WHERE status = 'in_progress' AND progress_seq >= ? AND started_at > now() - interval '30 days'
           AND coalesce(agent_name, '') LIKE ANY (?::text[]) ORDER BY progress_seq DESC LIMIT ?)
        UNION ALL
        (SELECT execution_id, agent_name, completed_at FROM agent_execution_logs
         WHERE completed_at > now() - ?::bigint * interval '1 microsecond' AND completed_at < now() + interval '1 hour'
           AND status <> 'in_progress' AND progress_seq >= ?
           AND coalesce(agent_name, '') LIKE ANY (?::text[]) ORDER BY progress_seq DESC LIMIT ?))
      SELECT c.execution_id, coalesce(c.agent_name, '') AS agent_name, c.at, now() AS now, s.stage, s.n
      FROM c CROSS JOIN LATERAL (
        SELECT left(stage, 200) AS stage, greatest(count(*) FILTER (WHERE NOT is_end), count(*) FILTER (WHERE is_end)) AS n
        FROM (SELECT p.stage, coalesce(jsonb_exists(p.metadata, 'stage_duration_ms'), false) AS is_end
              FROM agent_execution_progress p
              WHERE p.execution_id = c.execution_id AND p.occurred_at > now() - ?::bigint * interval '1 microsecond'
              ORDER BY p.seq DESC LIMIT ?) AS newest
        GROUP BY 1) AS s
      WHERE s.n >= ?""";

  private final Database database;
  private final Map<String, Loop> kept = new HashMap<>();
  private Instant lookedAt = Instant.EPOCH;

  StageLoops(Database database) {
    this.database = database;
  }

  private record Loop(UUID id, String agent, String stage, Instant at, Instant now, long times) {}

  List<Finding> find(Condition.StageLoop condition, List<String> agents)
      throws SinkUnavailableException {
    String[] names = AgentNames.like(agents);
    long window = Rows.micros(condition.window());
    Instant begin = Instant.now();
    long since = Math.min(window, Rows.micros(Duration.between(max(lookedAt), begin).plus(LATE)));
    List<Loop> loops =
        database.list(
            STATEMENT,
            row ->
                new Loop(
                    Rows.id(row, "execution_id"),
                    row.getString("agent_name"),
                    Rows.text(row, "stage"),
                    Rows.time(row, "at"),
                    Rows.time(row, "now"),
                    row.getLong("n")),
            condition.times(),
            names,
            EXECUTIONS_MAX,
            since,
            condition.times(),
            names,
            EXECUTIONS_MAX,
            window,
            STAGES_MAX,
            condition.times());
    lookedAt = begin;
    Map<String, List<Loop>> byStage = new TreeMap<>();
    loops.forEach(loop -> kept.put(loop.id + " " + loop.stage, loop));
    // Of the program's own clock only the time between two looks counts.
    kept.values().removeIf(loop -> loop.at.isBefore(now(loops, begin).minus(condition.window())));
    for (Loop loop : kept.values()) {
      if (AgentNames.match(agents, loop.agent)) {
        byStage.computeIfAbsent(loop.agent + "\n" + loop.stage, key -> new ArrayList<>()).add(loop);
      }
    }
    return byStage.values().stream().map(list -> finding(list, condition)).toList();
  }

  private static Instant now(List<Loop> loops, Instant otherwise) {
    return loops.isEmpty() ? otherwise : loops.get(0).now;
  }

  /** The first look reads the whole window. */
  private static Instant max(Instant lookedAt) {
    return lookedAt.equals(Instant.EPOCH) ? Instant.EPOCH.plus(LATE) : lookedAt;
  }

  private static Finding finding(List<Loop> loops, Condition.StageLoop condition) {
    loops.sort(Comparator.comparing(Loop::at).reversed());
    Loop first = loops.get(0);
    long times = loops.stream().mapToLong(Loop::times).max().orElse(0);
    return new Finding(
        Map.of("agent", first.agent, "stage", first.stage),
        "%s: %s passed stage %s up to %s times in the last %s (limit %s)"
            .formatted(
                first.agent,
                Rows.count(loops.size(), "execution has", "executions have"),
                first.stage,
                Long.toString(times),
                Texts.of(condition.window()),
                Integer.toString(condition.times() - 1)),
        null,
        loops.size(),
        loops.size(),
        times,
        "count",
        condition.times() - 1.0,
        loops.stream().limit(RowFindings.EXAMPLES_MAX).map(Loop::id).toList());
  }
}

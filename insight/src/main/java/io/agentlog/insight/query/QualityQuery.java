package io.agentlog.insight.query;

import io.agentlog.insight.page.QualityPage;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads scores and stages of the latest executions of a window. Thread-safe. */
public final class QualityQuery {
  /** Executions among which the lowest scores are looked for, the latest. */
  public static final int SCORES_LOOKED_AT_MAX = 5_000;

  /** Executions whose stages are read, the latest. */
  public static final int STAGES_LOOKED_AT_MAX = 1_000;

  /** Stages that are read of one execution. */
  static final int STAGES_MAX = 40;

  private static final int LISTED_MAX = 20;

  private static final String LOWEST =
      """
      SELECT execution_id, started_at, micros, quality_score, %s FROM (
        SELECT execution_id, agent_name, status, started_at, coalesce(duration_us, duration_ms * 1000::bigint) AS micros, quality_score,
               error_type
        FROM agent_execution_logs WHERE started_at >= ? AND started_at < ?
        ORDER BY started_at DESC LIMIT ?) AS latest
      WHERE quality_score >= 0.0 AND quality_score <= 1.0 ORDER BY quality_score, started_at DESC LIMIT ?"""
          .formatted(Columns.names("", "agent_name", "status", "error_type"));

  // What has ended for good is told apart after the limit: the planner takes few rows for such, and
  // would read all.
  // Each execution's stages by the primary key of the table of stages. Two reports of a stage in a
  // row, as it is entered and
  // left, are one.
  private static final String STAGES =
      """
      SELECT coalesce(%s, '') AS agent_name, left(e.status, 20) AS status, coalesce(e.duration_us, e.duration_ms * 1000::bigint) AS micros, s.stages
      FROM (SELECT execution_id, agent_name, status, duration_us, duration_ms, seen FROM agent_execution_logs
            WHERE started_at >= ? AND started_at < ?
            ORDER BY started_at DESC LIMIT ?) AS e
        CROSS JOIN LATERAL (SELECT array_agg(stage ORDER BY seq) AS stages FROM (
          SELECT seq, %s FROM agent_execution_progress p WHERE p.execution_id = e.execution_id ORDER BY seq LIMIT ?) AS first_stages) AS s
      WHERE e.status <> 'in_progress' AND (e.seen & 56) = 0"""
          .formatted(Columns.name("e.agent_name"), Columns.names("", "stage"));

  private final Database database;

  public QualityQuery(Database database) {
    this.database = database;
  }

  /**
   * Comparing the agent in one row with the time fits the index of agents and no other: without it
   * a rare agent's executions are far apart.
   */
  private <T> List<T> list(
      String sql, Database.Row<T> row, Window window, @Nullable String agent, int max, int inner)
      throws SinkUnavailableException {
    return agent == null
        ? database.list(sql, row, window.from(), window.to(), max, inner)
        : database.list(
            sql.replace(
                    "started_at >= ? AND started_at < ?",
                    "(agent_name, started_at) >= (?, ?) AND (agent_name, started_at) < (?, ?)")
                .replace(
                    "ORDER BY started_at DESC LIMIT",
                    "ORDER BY agent_name DESC, started_at DESC LIMIT"),
            row,
            agent,
            window.from(),
            agent,
            window.to(),
            max,
            inner);
  }

  /** Returns the executions with the lowest scores. */
  public List<QualityPage.Low> lowest(Window window, @Nullable String agent)
      throws SinkUnavailableException {
    return list(
        LOWEST,
        row ->
            new QualityPage.Low(
                Objects.requireNonNull(Database.id(row, "execution_id")),
                Objects.requireNonNullElse(row.getString("agent_name"), ""),
                Objects.requireNonNullElse(row.getString("status"), ""),
                Database.time(row, "started_at"),
                row.getObject("micros", Long.class),
                row.getDouble("quality_score"),
                row.getString("error_type")),
        window,
        agent,
        SCORES_LOOKED_AT_MAX,
        LISTED_MAX);
  }

  private record Key(String agent, List<String> stages) {}

  private static final class Sum {
    final Bins durations = new Bins();
    long n;
    long succeeded;
  }

  /** The sequences of stages of the latest executions. */
  public record Stages(long lookedAt, List<QualityPage.Sequence> sequences, int more) {}

  /** Returns which stages the latest executions went through, the most frequent sequence first. */
  public Stages stages(Window window, @Nullable String agent) throws SinkUnavailableException {
    Map<Key, Sum> sums = new HashMap<>();
    int lookedAt =
        list(
                STAGES,
                row -> {
                  Array stages = row.getArray("stages");
                  if (stages != null) {
                    Key key = new Key(row.getString("agent_name"), sequence(stages));
                    Sum sum = sums.computeIfAbsent(key, k -> new Sum());
                    sum.n++;
                    sum.succeeded += "success".equals(row.getString("status")) ? 1 : 0;
                    Long micros = row.getObject("micros", Long.class);
                    if (micros != null) {
                      sum.durations.add(Scales.durationBin(micros), 1);
                    }
                  }
                  return 1;
                },
                window,
                agent,
                STAGES_LOOKED_AT_MAX,
                STAGES_MAX)
            .size();
    List<QualityPage.Sequence> sequences = new ArrayList<>();
    sums.forEach((key, sum) -> sequences.add(sequence(key, sum)));
    sequences.sort((a, b) -> Long.compare(b.n(), a.n()));
    int more = Math.max(0, sequences.size() - LISTED_MAX);
    return new Stages(lookedAt, sequences.stream().limit(LISTED_MAX).toList(), more);
  }

  private static List<String> sequence(Array stages) throws SQLException {
    List<String> sequence = new ArrayList<>();
    for (Object stage : (Object[]) stages.getArray()) {
      String name = stage == null ? "" : stage.toString();
      if (sequence.isEmpty() || !sequence.get(sequence.size() - 1).equals(name)) {
        sequence.add(name);
      }
    }
    return sequence;
  }

  private static QualityPage.Sequence sequence(Key key, Sum sum) {
    Integer middle = sum.durations.quantile(0.5);
    return new QualityPage.Sequence(
        key.agent(),
        key.stages(),
        sum.n,
        sum.succeeded,
        middle == null ? null : Scales.micros(middle));
  }
}

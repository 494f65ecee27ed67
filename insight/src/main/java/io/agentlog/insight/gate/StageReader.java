package io.agentlog.insight.gate;

import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.pattern.StageRows;
import io.agentlog.insight.score.Assessor;
import io.agentlog.insight.score.DecisionRows;
import io.agentlog.insight.score.Ended;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the executions of a window with their stages and decisions, for limits that need more than
 * the row of an execution. One thread.
 */
final class StageReader {
  /** Executions whose stages are read; a window with more is refused. */
  static final int ROWS_MAX = 100_000;

  private static final int FETCH_ROWS = 500;

  /** Stages of a JVM that dropped events may be missing, so its executions prove nothing. */
  private static final String STATEMENT =
      """
      WITH dropped AS MATERIALIZED (
        SELECT a.instance_id FROM agent_instances a, jsonb_each(CASE WHEN jsonb_typeof(to_jsonb(a) -> 'report' -> 'dropped') = 'object'
          THEN to_jsonb(a) -> 'report' -> 'dropped' ELSE '{}'::jsonb END) AS e
        WHERE e.key <> 'after_end' AND e.value <> '0'::jsonb)
      SELECT %s AS agent, coalesce(left(l.status, 20), '') AS status, l.completed_at,
             nullif(greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint), -1::bigint), -1::bigint) AS us,
             CASE WHEN l.quality_score >= 0.0 AND l.quality_score <= 1.0 THEN l.quality_score::float8 END AS quality,
             d.confidence, d.succeeded, s.stages, s.times, s.took,
             (coalesce(l.seen, 0::smallint) & 5::int2) <> 4::int2 AND (l.instance_id NOT IN (SELECT instance_id FROM dropped)) IS NOT FALSE AS has_stages
      FROM (SELECT * FROM agent_execution_logs WHERE started_at >= ? AND started_at < ? AND completed_at IS NOT NULL
              AND status <> 'in_progress' AND (coalesce(seen, 0::smallint) & 56::int2) = 0::int2%s LIMIT ?) AS l
      LEFT JOIN LATERAL (
        %s) AS s ON true
      LEFT JOIN LATERAL (
        %s) AS d ON true\
      """;

  private final ReadConnections connections;

  StageReader(ReadConnections connections) {
    this.connections = connections;
  }

  /**
   * Reads a window.
   *
   * @param agents whose executions are read; empty for all
   * @param selection metadata that an execution needs, text by key
   * @param stages whose durations are asked for
   * @param assessor null without rules
   * @throws GateException if the window has too many executions
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  Map<String, StageDetails> read(
      Window window,
      List<String> agents,
      Map<String, String> selection,
      Set<String> stages,
      @Nullable Assessor assessor)
      throws GateException, SinkUnavailableException {
    Map<String, StageDetails> found = new HashMap<>();
    try (ReadConnections.Reading reading = connections.begin();
        PreparedStatement statement = reading.prepare(statement(agents, selection))) {
      statement.setFetchSize(FETCH_ROWS);
      int next = RowReader.bind(statement, window, agents, selection);
      statement.setInt(next, ROWS_MAX + 1);
      int count = 0;
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (++count > ROWS_MAX) {
            throw new GateException(
                "more than %s executions started %s, which is too many to read their stages: choose a shorter window, fewer agents or a --select"
                    .formatted(Format.count(ROWS_MAX), RowReader.between(window)));
          }
          Ended execution = ended(rows);
          found
              .computeIfAbsent(execution.agent(), any -> new StageDetails())
              .add(execution, stages, assessor, execution.stages());
        }
      }
    } catch (SQLException e) {
      throw connections.outage(e);
    }
    return found;
  }

  static String statement(List<String> agents, Map<String, String> selection) {
    return STATEMENT.formatted(
        RowReader.AGENT,
        RowReader.conditions(agents, selection),
        StageRows.sql("l.execution_id"),
        DecisionRows.sql("l.routing_decision_id"));
  }

  private static Ended ended(ResultSet row) throws SQLException {
    Long micros = row.getObject("us", Long.class);
    OffsetDateTime end = row.getObject("completed_at", OffsetDateTime.class);
    return new Ended(
        Objects.requireNonNullElse(row.getString("agent"), ""),
        row.getString("status"),
        false,
        end == null ? Instant.MAX : end.toInstant(),
        micros == null ? null : Duration.of(micros, ChronoUnit.MICROS),
        row.getObject("quality", Double.class),
        row.getObject("confidence", Double.class),
        row.getObject("succeeded", Boolean.class),
        row.getBoolean("has_stages") ? StageRows.of(row) : null,
        Map.of());
  }
}

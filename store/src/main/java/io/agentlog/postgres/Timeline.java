package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.event.Identifier;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened in one execution, or in all that share a correlation ID, in order of time.
 */
public final class Timeline {
  /** Most entries read; a longer timeline is cut there. */
  public static final int ENTRIES_MAX = 10_000;

  private static final String SQL =
      """
      WITH wanted AS (
        SELECT * FROM agent_execution_logs WHERE execution_id = ? OR correlation_id = ?)
      SELECT * FROM (
        SELECT w.started_at AS at, 0 AS place, 'started' AS event, w.agent_name AS agent, w.execution_id,
               w.parent_execution_id, CASE WHEN ? THEN w.user_prompt END AS detail, NULL::bigint AS micros
        FROM wanted w
        UNION ALL
        SELECT p.occurred_at, p.seq, 'progress', w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(' ', p.stage, p.percent || '%'), NULL
        FROM wanted w JOIN agent_execution_progress p ON p.execution_id = w.execution_id
        UNION ALL
        SELECT d.created_at, 0, 'decision', d.selected_agent, NULL, NULL,
               concat_ws(', ', 'confidence ' || d.confidence_score, CASE WHEN ? THEN d.reasoning END), NULL
        FROM agent_routing_decisions d
        WHERE d.correlation_id = ? OR d.id IN (SELECT routing_decision_id FROM wanted)
        UNION ALL
        SELECT w.completed_at, 2147483647, w.status, w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(': ', w.error_type, CASE WHEN ? THEN w.error_message END), w.duration_us
        FROM wanted w WHERE w.completed_at IS NOT NULL) AS e
      ORDER BY at NULLS FIRST, place
      LIMIT ?""";

  private final PostgresTarget target;

  /** Does no I/O. The configuration names the database. */
  public Timeline(Config config) {
    this.target = PostgresTarget.of(config);
  }

  /**
   * One thing that happened.
   *
   * @param at null in rows without a time, which an older logger wrote
   * @param event {@code started}, {@code progress}, {@code decision} or the status at the end
   * @param agent name of the execution's agent, for a decision of the chosen one
   * @param executionId null for a decision
   * @param detail prompt, stage and percent, confidence and reasoning, or error
   * @param durationMicros duration in an end, otherwise null
   */
  public record Entry(
      @Nullable Instant at,
      String event,
      @Nullable String agent,
      @Nullable UUID executionId,
      @Nullable UUID parentId,
      @Nullable String detail,
      @Nullable Long durationMicros) {}

  /** Returns the database that is read, without secrets. */
  public String place() {
    return target.toString();
  }

  /**
   * Reads a timeline.
   *
   * @param id of an execution, or a correlation ID as the application gave it: a UUID or any text
   * @param withTexts true to read prompts, reasons and error messages too
   * @return empty if nothing has this ID
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public List<Entry> of(String id, boolean withTexts) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    UUID key = Identifier.of(id).id();
    try (Connection connection = new AgentDataSource(target).getConnection();
        PreparedStatement statement = connection.prepareStatement(SQL)) {
      connection.setReadOnly(true);
      statement.setObject(1, key);
      statement.setObject(2, key);
      statement.setBoolean(3, withTexts);
      statement.setBoolean(4, withTexts);
      statement.setObject(5, key);
      statement.setBoolean(6, withTexts);
      statement.setInt(7, ENTRIES_MAX);
      List<Entry> entries = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(entry(rows));
        }
      }
      return entries;
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, false);
    }
  }

  private static Entry entry(ResultSet row) throws SQLException {
    OffsetDateTime at = row.getObject("at", OffsetDateTime.class);
    return new Entry(
        at == null ? null : at.toInstant(),
        row.getString("event"),
        row.getString("agent"),
        row.getObject("execution_id", UUID.class),
        row.getObject("parent_execution_id", UUID.class),
        row.getString("detail"),
        row.getObject("micros", Long.class));
  }
}

package io.agentlog.postgres;

import io.agentlog.postgres.Timeline.Entry;
import io.agentlog.postgres.Timeline.Execution;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Statements of a {@link Timeline} on the tables that every database has, and their rows. */
final class TimelineRows {
  /** Place of what has no number, among the entries of the same time: after a start. */
  static final int FIRST = 1;

  /** Place of an end in {@link #SQL}, behind all else of the same time. */
  static final int END = Integer.MAX_VALUE;

  /**
   * Finds executions by the primary key and {@code _correlation}. A child has the correlation ID of
   * its caller.
   */
  static final String EXECUTIONS =
      """
      SELECT execution_id, correlation_id, metadata ->> 'correlation_id_raw' AS given, parent_execution_id, agent_name,
             status, started_at, coalesce(duration_us, duration_ms * 1000::bigint) AS micros, quality_score
      FROM agent_execution_logs
      WHERE execution_id = ? OR correlation_id = ?
        OR correlation_id = (SELECT correlation_id FROM agent_execution_logs WHERE execution_id = ?)
      LIMIT ?\
      """;

  static final String SQL =
      """
      WITH wanted AS (
        SELECT * FROM agent_execution_logs WHERE execution_id = ANY (?::uuid[]))
      SELECT * FROM (
        SELECT w.started_at AS at, 0 AS place, 'started' AS event, w.agent_name AS agent, w.execution_id,
               w.parent_execution_id, CASE WHEN ? THEN w.user_prompt END AS detail, NULL::bigint AS micros,
               w.user_prompt_length, w.user_prompt_sha256, NULL::numeric AS quality_score
        FROM wanted w
        UNION ALL
        SELECT p.occurred_at, p.seq, 'progress', w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(' ', p.stage, p.percent || '%'), NULL, NULL, NULL, NULL
        FROM wanted w JOIN agent_execution_progress p ON p.execution_id = w.execution_id
        UNION ALL
        SELECT d.created_at, 1, 'decision', d.selected_agent, NULL, NULL,
               concat_ws(', ', 'confidence ' || d.confidence_score, CASE WHEN ? THEN d.reasoning END), NULL, NULL, NULL, NULL
        FROM agent_routing_decisions d
        WHERE d.correlation_id = ? OR d.id IN (SELECT routing_decision_id FROM wanted)
        UNION ALL
        SELECT w.completed_at, 2147483647, w.status, w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(': ', w.error_type, CASE WHEN ? THEN w.error_message END), w.duration_us, NULL, NULL, w.quality_score
        FROM wanted w WHERE w.completed_at IS NOT NULL) AS e
      ORDER BY at NULLS FIRST, place
      LIMIT ?\
      """;

  static final Comparator<Placed> IN_TIME =
      Comparator.comparing(
              (Placed placed) -> placed.entry().at(),
              Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparingInt(Placed::place);

  private TimelineRows() {}

  /** Makes an object of a row. */
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** An entry, and where it stands among those of the same time. */
  record Placed(Entry entry, int place) {}

  static <T> List<T> list(
      Connection connection, String sql, Row<T> row, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> list = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          list.add(row.of(rows));
        }
      }
      return list;
    }
  }

  static Execution execution(ResultSet row) throws SQLException {
    UUID correlationId = row.getObject("correlation_id", UUID.class);
    String given = row.getString("given");
    double quality = row.getDouble("quality_score");
    boolean hasQuality = !row.wasNull();
    return new Execution(
        Objects.requireNonNull(row.getObject("execution_id", UUID.class)),
        correlationId,
        given != null || correlationId == null ? given : correlationId.toString(),
        row.getObject("parent_execution_id", UUID.class),
        row.getString("agent_name"),
        row.getString("status"),
        time(row, "started_at"),
        row.getObject("micros", Long.class),
        hasQuality ? quality : null,
        Map.of());
  }

  static Placed entry(ResultSet row) throws SQLException {
    String event = row.getString("event");
    int place = row.getInt("place");
    boolean isDecision = event.equals("decision");
    Map<String, Object> values = new LinkedHashMap<>();
    for (String column : List.of("user_prompt_length", "user_prompt_sha256", "quality_score")) {
      Object value = row.getObject(column);
      if (value != null) {
        values.put(column, value);
      }
    }
    Entry entry =
        new Entry(
            time(row, "at"),
            event.equals("progress") ? place : null,
            event,
            row.getString("agent"),
            row.getObject("execution_id", UUID.class),
            row.getObject("parent_execution_id", UUID.class),
            row.getString("detail"),
            row.getObject("micros", Long.class),
            Collections.unmodifiableMap(values));
    return new Placed(entry, isDecision ? FIRST : place);
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}

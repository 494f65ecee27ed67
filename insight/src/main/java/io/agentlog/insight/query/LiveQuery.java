package io.agentlog.insight.query;

import io.agentlog.insight.page.LivePage;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what runs and what has just ended. */
public final class LiveQuery {
  /** Running executions that are read, the oldest; the page says if there are more. */
  public static final int RUNNING_MAX = 1_000;

  /** Ended executions that are read, the latest. */
  public static final int ENDED_MAX = 1_000;

  // The partial index of running executions has all of them, so it is read whole.
  private static final String RUNNING =
      """
      SELECT e.execution_id, %s, e.started_at, i.lease_until < now() AS lost, %s AS stage,
             left(e.metadata -> 'progress' ->> 'percent', 9) AS percent, %s AS micros, %s
      FROM %s CROSS JOIN LATERAL (SELECT execution_id, agent_name, started_at, metadata, instance_id, %s
                                  FROM agent_execution_logs WHERE status = 'in_progress') AS e
        LEFT JOIN agent_instances i USING (instance_id)
      ORDER BY e.started_at LIMIT ?\
      """
          .formatted(
              Columns.names("", "agent_name", "service"),
              Columns.name("(e.metadata -> 'progress' ->> 'stage')"),
              Columns.AGE,
              UsageColumns.NAMES,
              UsageColumns.ABSENT,
              UsageColumns.LIST);

  // Clocks of JVMs may differ, but an end of tomorrow was not in the last minute.
  private static final String ENDED =
      """
      SELECT execution_id, %s, completed_at, quality_score, coalesce(duration_us, duration_ms * 1000::bigint) AS micros, %s
      FROM %s CROSS JOIN LATERAL (
        SELECT execution_id, agent_name, status, error_type, completed_at, quality_score, duration_us, duration_ms, %s
        FROM agent_execution_logs
        WHERE completed_at > now() - interval '60 seconds' AND completed_at < now() + interval '60 seconds'
          AND status <> 'in_progress') AS e
      ORDER BY completed_at DESC LIMIT ?\
      """
          .formatted(
              Columns.names("", "agent_name", "status", "error_type"),
              UsageColumns.NAMES,
              UsageColumns.ABSENT,
              UsageColumns.LIST);

  private final Database database;

  public LiveQuery(Database database) {
    this.database = database;
  }

  /**
   * Returns running executions, the oldest first, one more than {@link #RUNNING_MAX} if there are.
   *
   * @param usual p95 in microseconds by agent
   */
  public List<LivePage.Running> running(Map<String, Long> usual) throws SinkUnavailableException {
    return database.list(RUNNING, row -> running(row, usual), RUNNING_MAX + 1);
  }

  private static LivePage.Running running(ResultSet row, Map<String, Long> usual)
      throws SQLException {
    String agent = Objects.requireNonNullElse(row.getString("agent_name"), "");
    Long micros = row.getObject("micros", Long.class);
    return new LivePage.Running(
        Objects.requireNonNull(Database.id(row, "execution_id")),
        agent,
        row.getString("stage"),
        percent(row.getString("percent")),
        Database.time(row, "started_at"),
        micros == null ? null : Math.max(0, micros),
        usual.get(agent),
        row.getString("service"),
        row.getBoolean("lost"),
        UsageColumns.usage(row));
  }

  private static @Nullable Integer percent(@Nullable String text) {
    try {
      return text == null ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) { // The application's own value stands there.
      return null;
    }
  }

  /** Returns what ended in the last minute, the latest first. */
  public List<LivePage.Ended> ended() throws SinkUnavailableException {
    return database.list(
        ENDED,
        row ->
            new LivePage.Ended(
                Objects.requireNonNull(Database.id(row, "execution_id")),
                Objects.requireNonNullElse(row.getString("agent_name"), ""),
                Objects.requireNonNullElse(row.getString("status"), ""),
                Objects.requireNonNull(Database.time(row, "completed_at")),
                row.getObject("micros", Long.class),
                row.getString("error_type"),
                Database.decimal(row, "quality_score"),
                UsageColumns.usage(row)),
        ENDED_MAX);
  }
}

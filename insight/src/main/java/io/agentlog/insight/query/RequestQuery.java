package io.agentlog.insight.query;

import io.agentlog.insight.page.RequestPage.Decision;
import io.agentlog.insight.page.Usage;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the executions, stages and decisions of one request. */
public final class RequestQuery {
  /** Executions, stages and decisions together, as many as a timeline has. */
  public static final int ENTRIES_MAX = 10_000;

  /** Executions that are read, the first to start. */
  public static final int EXECUTIONS_MAX = 1_000;

  /** Decisions that are read, the first. */
  public static final int DECISIONS_MAX = 1_000;

  /** The index {@code _correlation}, and the primary key of the JVMs. */
  private static final String EXECUTIONS =
      """
      SELECT e.execution_id, e.parent_execution_id, %s, e.seen, e.started_at, e.completed_at,
             e.quality_score, e.instance_id, e.routing_decision_id, i.lease_until < now() AS lost,
             coalesce(e.duration_us, e.duration_ms * 1000::bigint) AS micros,
             %s AS request_text, %s
      FROM %s CROSS JOIN LATERAL (
        SELECT execution_id, parent_execution_id, agent_name, status, error_type, seen, started_at, completed_at, quality_score,
          instance_id, routing_decision_id, duration_us, duration_ms, metadata, %s
        FROM agent_execution_logs WHERE correlation_id = ? LIMIT 15000) AS e
      LEFT JOIN agent_instances i USING (instance_id)
      ORDER BY e.started_at NULLS FIRST, e.execution_id LIMIT ?\
      """
          .formatted(
              Columns.names("", "agent_name", "status", "error_type", "service"),
              Columns.name("(e.metadata ->> 'correlation_id_raw')"),
              UsageColumns.NAMES,
              UsageColumns.ABSENT,
              UsageColumns.LIST);

  /** Primary key. */
  private static final String STAGES =
      """
      SELECT execution_id, seq, %s, percent, occurred_at, %s
      FROM agent_execution_progress WHERE execution_id = ANY (?::text[]::uuid[])
      ORDER BY execution_id, seq LIMIT ?\
      """
          .formatted(Columns.names("", "stage"), Columns.TOOK);

  /** Primary key and {@code _correlation}. */
  private static final String DECISIONS =
      """
      SELECT id, %s, confidence_score, created_at
      FROM agent_routing_decisions WHERE correlation_id = ? OR id = ANY (?::text[]::uuid[])
      ORDER BY created_at, id LIMIT ?\
      """
          .formatted(Columns.names("", "selected_agent", "routing_strategy"));

  private final Database database;

  public RequestQuery(Database database) {
    this.database = database;
  }

  /**
   * An execution.
   *
   * @param requestText the correlation ID as given, if that was no UUID
   * @param lost whether its JVM's lease has run out
   * @param usage of its own calls alone
   */
  public record ExecutionRow(
      UUID id,
      @Nullable UUID parentId,
      @Nullable String agent,
      String status,
      boolean provisional,
      @Nullable Instant startedAt,
      @Nullable Instant completedAt,
      @Nullable Long durationMicros,
      @Nullable String errorType,
      @Nullable Double quality,
      @Nullable UUID instanceId,
      @Nullable String service,
      boolean lost,
      @Nullable UUID decisionId,
      @Nullable String requestText,
      Usage usage) {}

  /**
   * A stage.
   *
   * @param tookMillis its measured duration
   */
  public record StageRow(
      UUID execution,
      int seq,
      @Nullable String name,
      @Nullable Integer percent,
      @Nullable Instant at,
      @Nullable Double tookMillis) {}

  /** Returns the executions, one more than {@link #EXECUTIONS_MAX} if there are. */
  public List<ExecutionRow> executions(UUID request) throws SinkUnavailableException {
    return database.list(EXECUTIONS, RequestQuery::execution, request, EXECUTIONS_MAX + 1);
  }

  private static ExecutionRow execution(ResultSet row) throws SQLException {
    return new ExecutionRow(
        Objects.requireNonNull(Database.id(row, "execution_id")),
        Database.id(row, "parent_execution_id"),
        row.getString("agent_name"),
        Objects.requireNonNullElse(row.getString("status"), "unknown"),
        Provisional.is(row.getInt("seen")),
        Database.time(row, "started_at"),
        Database.time(row, "completed_at"),
        row.getObject("micros", Long.class),
        row.getString("error_type"),
        Database.decimal(row, "quality_score"),
        Database.id(row, "instance_id"),
        row.getString("service"),
        row.getBoolean("lost"),
        Database.id(row, "routing_decision_id"),
        row.getString("request_text"),
        UsageColumns.usage(row));
  }

  /** Returns the stages of executions, so many at most. */
  public List<StageRow> stages(List<UUID> executions, int max) throws SinkUnavailableException {
    return database.list(
        STAGES,
        row ->
            new StageRow(
                Objects.requireNonNull(Database.id(row, "execution_id")),
                row.getInt("seq"),
                row.getString("stage"),
                row.getObject("percent", Integer.class),
                Database.time(row, "occurred_at"),
                Database.decimal(row, "took")),
        texts(executions),
        max);
  }

  /**
   * Returns the decisions of a request, the first to be made first.
   *
   * @param others further decisions, by ID
   */
  public List<Decision> decisions(UUID request, List<UUID> others) throws SinkUnavailableException {
    return database.list(
        DECISIONS,
        row ->
            new Decision(
                Objects.requireNonNull(Database.id(row, "id")),
                row.getString("selected_agent"),
                Database.decimal(row, "confidence_score"),
                row.getString("routing_strategy"),
                Database.time(row, "created_at")),
        request,
        texts(others),
        DECISIONS_MAX);
  }

  private static Object texts(List<UUID> ids) {
    return ids.stream().map(UUID::toString).toArray(String[]::new);
  }
}

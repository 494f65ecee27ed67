package io.agentlog.insight.query;

import io.agentlog.insight.page.ExecutionPage.Decision;
import io.agentlog.insight.page.ExecutionPage.Execution;
import io.agentlog.insight.page.ExecutionPage.Instance;
import io.agentlog.insight.page.ExecutionPage.Relative;
import io.agentlog.insight.page.ExecutionPage.Tree;
import io.agentlog.insight.page.ValueEntry;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one execution and what belongs to it. */
public final class ExecutionQuery {
  /** Stages that are listed. */
  public static final int STAGES_MAX = 1_000;

  /** Children and decisions that are listed. */
  public static final int RELATIVES_MAX = 100;

  /** Characters that are read of a decision's reasoning. */
  private static final int REASONING_MAX = 20_000;

  /** The name of a class, which agentlog writes as the type of an error. */
  private static final Pattern TYPE_NAME =
      Pattern.compile("[\\p{javaJavaIdentifierPart}.]{1," + Columns.NAME_MAX + "}");

  /** Primary key. Texts are not read if they are not shown. */
  private static final String EXECUTION =
      """
      SELECT e.*, %s, jsonb_build_object('v', metadata)::text AS entries,
             metadata ->> 'correlation_id_raw' AS request_text, metadata ->> 'session_id_raw' AS session_text,
             CASE WHEN ? THEN user_prompt END AS prompt, CASE WHEN ? THEN error_message END AS message
      FROM %s CROSS JOIN LATERAL (SELECT %s, root_execution_id, %s FROM agent_execution_logs WHERE execution_id = ?) AS e\
      """
          .formatted(
              Columns.MICROS,
              UsageColumns.ABSENT,
              """
              execution_id, correlation_id, session_id, agent_name, user_prompt, status, started_at, completed_at,
                duration_ms, duration_us, quality_score, error_type, error_message, metadata, project_path, project_name,
                claude_session_id, terminal_id, parent_execution_id, instance_id, routing_decision_id,
                user_prompt_sha256, user_prompt_length, trace_id, span_id, kind, seen, created_at, updated_at\
              """,
              UsageColumns.LIST);

  /**
   * The index {@code _correlation}: the execution and all that it called, whose rows each hold
   * their own calls alone.
   */
  private static final String TREE =
      """
      WITH RECURSIVE e AS MATERIALIZED (
        SELECT e.* FROM %s CROSS JOIN LATERAL (
          SELECT execution_id, parent_execution_id, %s FROM agent_execution_logs WHERE correlation_id = ? LIMIT 15000) AS e),
      tree (id) AS (
        SELECT ?::uuid UNION SELECT e.execution_id FROM e JOIN tree ON e.parent_execution_id = tree.id)
      SELECT count(*) AS executions, %s FROM e WHERE execution_id IN (SELECT id FROM tree)\
      """
          .formatted(UsageColumns.ABSENT, UsageColumns.LIST, UsageColumns.SUMS);

  /** Primary key. */
  private static final String STAGES =
      """
      SELECT seq, %s, percent, occurred_at, %s AS entries, %s,
             CASE WHEN jsonb_typeof(metadata -> 'stage_duration_ms') = 'number' THEN %s END AS error_type
      FROM agent_execution_progress WHERE execution_id = ? ORDER BY seq LIMIT ?\
      """
          .formatted(
              Columns.names("", "stage"),
              Columns.json("metadata"),
              Columns.TOOK,
              Columns.name("(metadata ->> 'error_type')"));

  /** Primary key and {@code _correlation}. */
  private static final String DECISIONS =
      """
      SELECT id, %s, confidence_score, routing_time_ms, created_at,
             jsonb_build_object('v', jsonb_strip_nulls(jsonb_build_object(
               'trigger', trigger_confidence::float8, 'context', context_confidence::float8,
               'capability', capability_confidence::float8, 'historical', historical_confidence::float8)))::text
               AS components,
             %s AS alternatives, CASE WHEN ? THEN %s END AS reasoning
      FROM agent_routing_decisions WHERE id = ? OR correlation_id = ?
      ORDER BY id = ? DESC, created_at, id LIMIT ?\
      """
          .formatted(
              Columns.names("", "selected_agent", "routing_strategy"),
              Columns.json("alternatives"),
              Columns.text("reasoning", REASONING_MAX));

  /** Primary key. */
  private static final String PARENT = relatives("WHERE execution_id = ?");

  /** The index {@code _correlation}; a child whose correlation ID differs is not found. */
  private static final String CHILDREN =
      relatives("WHERE correlation_id = ? LIMIT 15000")
          + " WHERE parent_execution_id = ? ORDER BY started_at, execution_id LIMIT ?";

  /** Primary key. */
  private static final String INSTANCE =
      "SELECT instance_id, service, renewed_at, lease_until < now() AS lost FROM agent_instances"
          + " WHERE instance_id = ?";

  private final Database database;
  private final boolean texts;

  /**
   * @param texts whether prompts, reasonings and error messages may be read
   */
  public ExecutionQuery(Database database, boolean texts) {
    this.database = database;
    this.texts = texts;
  }

  private static String relatives(String which) {
    return """
    SELECT execution_id, %s, started_at, %s, e.*
    FROM %s CROSS JOIN LATERAL (
      SELECT execution_id, parent_execution_id, agent_name, status, started_at, duration_ms, duration_us,
        %s FROM agent_execution_logs %s) AS e\
    """
        .formatted(
            Columns.names("", "agent_name", "status"),
            Columns.MICROS,
            UsageColumns.ABSENT,
            UsageColumns.LIST,
            which);
  }

  /** The execution and its metadata. */
  public record Read(Execution execution, List<ValueEntry> metadata) {}

  /**
   * A stage as it is stored.
   *
   * @param tookMillis its measured duration
   */
  public record StageRow(
      int seq,
      @Nullable String name,
      @Nullable Integer percent,
      @Nullable Instant at,
      @Nullable Double tookMillis,
      @Nullable String errorType,
      List<ValueEntry> values) {}

  /** Returns the execution; null if there is none. */
  public @Nullable Read execution(UUID id) throws SinkUnavailableException {
    List<Read> found = database.list(EXECUTION, this::execution, texts, texts, id);
    return found.isEmpty() ? null : found.get(0);
  }

  private Read execution(ResultSet row) throws SQLException {
    int seen = row.getInt("seen");
    Execution execution =
        new Execution(
            Objects.requireNonNull(Database.id(row, "execution_id")),
            Database.id(row, "correlation_id"),
            row.getString("request_text"),
            Database.id(row, "session_id"),
            row.getString("session_text"),
            row.getString("agent_name"),
            row.getString("project_name"),
            row.getString("project_path"),
            Objects.requireNonNullElse(row.getString("status"), "unknown"),
            Provisional.reason(seen),
            Provisional.isHeadless(seen),
            Database.time(row, "started_at"),
            Database.time(row, "completed_at"),
            row.getObject("micros", Long.class),
            Database.decimal(row, "quality_score"),
            row.getString("error_type"),
            row.getString("message"),
            row.getString("prompt"),
            row.getObject("user_prompt_length", Integer.class),
            row.getString("user_prompt_sha256"),
            Database.id(row, "parent_execution_id"),
            Database.id(row, "instance_id"),
            Database.id(row, "routing_decision_id"),
            row.getString("trace_id"),
            row.getString("span_id"),
            row.getString("kind"),
            row.getString("claude_session_id"),
            row.getString("terminal_id"),
            Database.id(row, "root_execution_id"),
            UsageColumns.usage(row),
            Database.time(row, "created_at"),
            Database.time(row, "updated_at"));
    return new Read(execution, Values.ofExecution(row.getString("entries"), texts));
  }

  /** Returns its stages in their order, one more than {@link #STAGES_MAX} if there are. */
  public List<StageRow> stages(UUID id) throws SinkUnavailableException {
    return database.list(STAGES, this::stage, id, STAGES_MAX + 1);
  }

  private StageRow stage(ResultSet row) throws SQLException {
    List<ValueEntry> values = new ArrayList<>(Values.of(row.getString("entries"), texts));
    Double took = Database.decimal(row, "took");
    String given = row.getString("error_type");
    String errorType = given != null && TYPE_NAME.matcher(given).matches() ? given : null;
    values.removeIf(
        entry ->
            (took != null && entry.key().equals("stage_duration_ms"))
                || (errorType != null && entry.key().equals("error_type")));
    return new StageRow(
        row.getInt("seq"),
        row.getString("stage"),
        row.getObject("percent", Integer.class),
        Database.time(row, "occurred_at"),
        took,
        errorType,
        values);
  }

  /** Returns the decisions of the execution's request, its own first. */
  public List<Decision> decisions(Execution execution) throws SinkUnavailableException {
    UUID own = execution.decisionId();
    return database.list(
        DECISIONS,
        row -> {
          UUID id = Objects.requireNonNull(Database.id(row, "id"));
          return new Decision(
              id,
              id.equals(own),
              row.getString("selected_agent"),
              row.getString("routing_strategy"),
              Database.decimal(row, "confidence_score"),
              Values.of(row.getString("components"), texts),
              row.getObject("routing_time_ms", Integer.class),
              Database.time(row, "created_at"),
              row.getString("reasoning"),
              Values.of(row.getString("alternatives"), texts));
        },
        texts,
        own,
        execution.request(),
        own,
        RELATIVES_MAX);
  }

  /** Returns the parent; null if there is none. */
  public @Nullable Relative parent(Execution execution) throws SinkUnavailableException {
    if (execution.parentId() == null) {
      return null;
    }
    List<Relative> found = database.list(PARENT, ExecutionQuery::relative, execution.parentId());
    return found.isEmpty() ? null : found.get(0);
  }

  /** Returns the children of the same request, the first to start first. */
  public List<Relative> children(Execution execution) throws SinkUnavailableException {
    return execution.request() == null
        ? List.of()
        : database.list(
            CHILDREN, ExecutionQuery::relative, execution.request(), execution.id(), RELATIVES_MAX);
  }

  /**
   * Returns what an execution has used with all that it called in the same request; null if it has
   * called none.
   */
  public @Nullable Tree tree(Execution execution) throws SinkUnavailableException {
    if (execution.request() == null) {
      return null;
    }
    Tree tree =
        database
            .list(
                TREE,
                row -> new Tree(row.getLong("executions"), UsageColumns.usage(row)),
                execution.request(),
                execution.id())
            .get(0);
    return tree.executions() > 1 ? tree : null;
  }

  private static Relative relative(ResultSet row) throws SQLException {
    return new Relative(
        Objects.requireNonNull(Database.id(row, "execution_id")),
        row.getString("agent_name"),
        Objects.requireNonNullElse(row.getString("status"), "unknown"),
        Database.time(row, "started_at"),
        row.getObject("micros", Long.class),
        UsageColumns.usage(row));
  }

  /** Returns the JVM; null if it is not known. */
  public @Nullable Instance instance(Execution execution) throws SinkUnavailableException {
    if (execution.instanceId() == null) {
      return null;
    }
    List<Instance> found =
        database.list(
            INSTANCE,
            row ->
                new Instance(
                    Objects.requireNonNull(Database.id(row, "instance_id")),
                    row.getString("service"),
                    Database.time(row, "renewed_at"),
                    row.getBoolean("lost")),
            execution.instanceId());
    return found.isEmpty() ? null : found.get(0);
  }
}

package io.agentlog.postgres;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.json.JsonWriter;
import io.agentlog.postgres.ExecutionRow.Ending;
import io.agentlog.postgres.ExecutionRow.Start;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The tables that the sink writes: their columns, each declared once, and their statements. */
final class Tables {
  private static final String UUID = "uuid";
  private static final String TEXT = "text";
  private static final String TIME = "timestamp with time zone";
  private static final String INTEGER = "integer";
  private static final String SMALLINT = "smallint";
  private static final String SCORE = "numeric(5,4)";
  private static final String JSONB = "jsonb";
  private static final double SCORE_LIMIT = 9.99995;

  /**
   * Stands for "the end of the incoming row wins" in {@link #MERGE}: it has one, and the row has
   * none, or one of lower rank, or of the same rank and later. Integers only, so it costs nothing.
   */
  static final String END_WINS_MARK = "/*end wins*/";

  static final String END_WINS =
      """
      ((EXCLUDED.seen & 60) <> 0 AND ((t.seen & 60) = 0 OR (EXCLUDED.seen & 60) < (t.seen & 60)
        OR ((EXCLUDED.seen & 60) = (t.seen & 60) AND EXCLUDED.completed_at < t.completed_at)))""";

  /**
   * The rules of {@link io.agentlog.postgres.ExecutionMerge} in SQL.
   *
   * <ul>
   *   <li>Facts of the execution have one value for life: the first that is not null. LEAST ignores
   *       nulls. {@code x & -x} is the lowest bit of x: of the ends, the winner's.
   *   <li>metadata: {@code progress} is chosen apart from the other keys, by progress_seq alone.
   *   <li>The columns of the end come as one group, nulls included: a completion clears the error
   *       of a provisional end.
   *   <li>The WHERE holds exactly if something above changes, so a replay writes nothing and {@code
   *       updated_at} says when the row did change.
   * </ul>
   */
  static final String MERGE =
      """
      ON CONFLICT (execution_id) DO UPDATE SET
        correlation_id      = COALESCE(t.correlation_id, EXCLUDED.correlation_id),
        session_id          = COALESCE(t.session_id, EXCLUDED.session_id),
        agent_name          = COALESCE(t.agent_name, EXCLUDED.agent_name),
        instance_id         = COALESCE(t.instance_id, EXCLUDED.instance_id),
        started_at          = COALESCE(t.started_at, EXCLUDED.started_at),
        user_prompt         = COALESCE(t.user_prompt, EXCLUDED.user_prompt),
        user_prompt_sha256  = COALESCE(t.user_prompt_sha256, EXCLUDED.user_prompt_sha256),
        user_prompt_length  = COALESCE(t.user_prompt_length, EXCLUDED.user_prompt_length),
        project_path        = COALESCE(t.project_path, EXCLUDED.project_path),
        project_name        = COALESCE(t.project_name, EXCLUDED.project_name),
        claude_session_id   = COALESCE(t.claude_session_id, EXCLUDED.claude_session_id),
        terminal_id         = COALESCE(t.terminal_id, EXCLUDED.terminal_id),
        parent_execution_id = COALESCE(t.parent_execution_id, EXCLUDED.parent_execution_id),
        trace_id            = COALESCE(t.trace_id, EXCLUDED.trace_id),
        span_id             = COALESCE(t.span_id, EXCLUDED.span_id),
        routing_decision_id = LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id),
        seen = ((t.seen | EXCLUDED.seen) & 3) | (((t.seen | EXCLUDED.seen) & 60) & -((t.seen | EXCLUDED.seen) & 60)),
        progress_seq = GREATEST(t.progress_seq, EXCLUDED.progress_seq),
        metadata = CASE WHEN (EXCLUDED.seen & 4, EXCLUDED.progress_seq) > (t.seen & 4, t.progress_seq)
            THEN COALESCE(t.metadata, '{}') || EXCLUDED.metadata ELSE EXCLUDED.metadata || COALESCE(t.metadata, '{}') END
          || CASE WHEN EXCLUDED.progress_seq > t.progress_seq
               THEN jsonb_build_object('progress', EXCLUDED.metadata -> 'progress')
             WHEN t.progress_seq > 0 THEN jsonb_build_object('progress', t.metadata -> 'progress') ELSE '{}' END,
        status        = CASE WHEN /*end wins*/ THEN EXCLUDED.status        ELSE t.status        END,
        completed_at  = CASE WHEN /*end wins*/ THEN EXCLUDED.completed_at  ELSE t.completed_at  END,
        duration_ms   = CASE WHEN /*end wins*/ THEN EXCLUDED.duration_ms   ELSE t.duration_ms   END,
        duration_us   = CASE WHEN /*end wins*/ THEN EXCLUDED.duration_us   ELSE t.duration_us   END,
        error_message = CASE WHEN /*end wins*/ THEN EXCLUDED.error_message ELSE t.error_message END,
        error_type    = CASE WHEN /*end wins*/ THEN EXCLUDED.error_type    ELSE t.error_type    END,
        quality_score = CASE WHEN /*end wins*/ THEN EXCLUDED.quality_score ELSE t.quality_score END,
        updated_at = now()
      WHERE ((EXCLUDED.seen & ~t.seen) & 3) <> 0
         OR EXCLUDED.progress_seq > t.progress_seq
         OR /*end wins*/
         OR LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id) IS DISTINCT FROM t.routing_decision_id""";

  /** One row an execution; two of one execution in a statement are error 21000. */
  static final TableInsert<ExecutionRow> EXECUTIONS =
      new TableInsert<>(
          "agent_execution_logs",
          List.of(
              Column.always("execution_id", UUID, ExecutionRow::executionId),
              Column.always("correlation_id", UUID, ExecutionRow::correlationId),
              Column.always("session_id", UUID, ExecutionRow::sessionId),
              Column.always("agent_name", TEXT, ExecutionRow::agentName),
              Column.always("instance_id", UUID, ExecutionRow::instanceId),
              Column.always("started_at", TIME, row -> time(row.startedAtMicros())),
              Column.maybe("user_prompt", TEXT, start(Start::prompt)),
              Column.maybe("user_prompt_sha256", TEXT, start(Start::promptSha256)),
              Column.maybe("user_prompt_length", INTEGER, start(Start::promptLength)),
              Column.maybe("project_path", TEXT, start(Start::projectPath)),
              Column.maybe("project_name", TEXT, start(Start::projectName)),
              Column.maybe("claude_session_id", TEXT, start(Start::claudeSessionId)),
              Column.maybe("terminal_id", TEXT, start(Start::terminalId)),
              Column.maybe("parent_execution_id", UUID, start(Start::parentExecutionId)),
              Column.maybe("trace_id", TEXT, start(Start::traceId)),
              Column.maybe("span_id", TEXT, start(Start::spanId)),
              Column.maybe("routing_decision_id", UUID, ExecutionRow::routingDecisionId),
              Column.always("seen", SMALLINT, ExecutionRow::seen),
              Column.always("progress_seq", INTEGER, ExecutionRow::progressSeq),
              Column.always("metadata", JSONB, row -> JsonWriter.write(row.metadata())),
              Column.always("status", TEXT, row -> row.status().wireName()),
              Column.maybe("completed_at", TIME, end(end -> time(end.completedAtMicros()))),
              Column.maybe("duration_ms", INTEGER, end(Ending::durationMillis)),
              Column.maybe("duration_us", "bigint", end(Ending::durationMicros)),
              Column.maybe("error_message", TEXT, end(Ending::errorMessage)),
              Column.maybe("error_type", TEXT, end(Ending::errorType)),
              Column.maybe("quality_score", SCORE, end(Ending::quality))),
          MERGE.replace(END_WINS_MARK, END_WINS));

  /** Every progress of an execution; duplicates are harmless. */
  static final TableInsert<Event.Progress> PROGRESS =
      new TableInsert<>(
          "agent_execution_progress",
          List.of(
              Column.always("execution_id", UUID, event -> event.header().executionId()),
              Column.always("seq", INTEGER, event -> event.header().seq()),
              Column.always("stage", TEXT, Event.Progress::stage),
              Column.maybe("percent", SMALLINT, Event.Progress::percent),
              Column.always("occurred_at", TIME, event -> occurredAt(event.header())),
              Column.always("metadata", JSONB, event -> JsonWriter.write(event.stageMetadata()))),
          "ON CONFLICT (execution_id, seq) DO NOTHING");

  /** Every routing decision; duplicates are harmless. */
  static final TableInsert<Event.RoutingDecision> DECISIONS =
      new TableInsert<>(
          "agent_routing_decisions",
          List.of(
              Column.always("id", UUID, Event.RoutingDecision::id),
              Column.always("correlation_id", UUID, event -> event.header().correlation().id()),
              Column.always("session_id", UUID, event -> event.header().session().id()),
              Column.maybe("user_request", TEXT, Event.RoutingDecision::userRequest),
              Column.maybe("user_request_hash", TEXT, Event.RoutingDecision::userRequestSha256),
              Column.maybe("selected_agent", TEXT, Event.RoutingDecision::selectedAgent),
              Column.maybe("confidence_score", SCORE, score(Event.RoutingDecision::confidence)),
              Column.maybe("routing_strategy", TEXT, Event.RoutingDecision::strategy),
              Column.maybe(
                  "trigger_confidence", SCORE, score(Event.RoutingDecision::triggerConfidence)),
              Column.maybe(
                  "context_confidence", SCORE, score(Event.RoutingDecision::contextConfidence)),
              Column.maybe(
                  "capability_confidence",
                  SCORE,
                  score(Event.RoutingDecision::capabilityConfidence)),
              Column.maybe(
                  "historical_confidence",
                  SCORE,
                  score(Event.RoutingDecision::historicalConfidence)),
              Column.maybe(
                  "alternatives",
                  JSONB,
                  event ->
                      event.alternatives() == null ? null : JsonWriter.write(event.alternatives())),
              Column.maybe("reasoning", TEXT, Event.RoutingDecision::reasoning),
              Column.maybe("routing_time_ms", INTEGER, Event.RoutingDecision::routingTimeMillis),
              Column.maybe("cache_hit", "boolean", Event.RoutingDecision::cacheHit),
              Column.always("created_at", TIME, event -> occurredAt(event.header()))),
          "ON CONFLICT (id) DO NOTHING");

  /** The same for rows that are not there: one that is refuses the statement, as 23505. */
  static final TableInsert<ExecutionRow> NEW_EXECUTIONS = EXECUTIONS.withoutMerge();

  static final TableInsert<Event.Progress> NEW_PROGRESS = PROGRESS.withoutMerge();
  static final TableInsert<Event.RoutingDecision> NEW_DECISIONS = DECISIONS.withoutMerge();

  private Tables() {}

  private static Function<ExecutionRow, @Nullable Object> start(
      Function<Start, @Nullable Object> value) {
    return row -> row.start() == null ? null : value.apply(row.start());
  }

  private static Function<ExecutionRow, @Nullable Object> end(
      Function<Ending, @Nullable Object> value) {
    return row -> row.end() == null ? null : value.apply(row.end());
  }

  /** A number that {@code numeric(5,4)} can't hold is null: it would refuse the whole row. */
  private static Function<Event.RoutingDecision, @Nullable Object> score(
      Function<Event.RoutingDecision, @Nullable Double> value) {
    return event -> {
      Double score = value.apply(event);
      return score == null || !(Math.abs(score) < SCORE_LIMIT) ? null : score; // NaN fails too.
    };
  }

  private static String occurredAt(EventHeader header) {
    return JsonWriter.time(header.occurredAt());
  }

  private static String time(long micros) {
    return JsonWriter.time(
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L));
  }
}

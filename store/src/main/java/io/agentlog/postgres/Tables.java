package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.UsageTotals;
import io.agentlog.json.JsonWriter;
import io.agentlog.postgres.ExecutionRow.Ending;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables that the sink writes: their columns, each declared once, and their statements. */
final class Tables {
  private static final String UUID = "uuid";
  private static final String TEXT = "text";
  private static final String TIME = "timestamp with time zone";
  private static final String INTEGER = "integer";
  private static final String SMALLINT = "smallint";
  private static final String BIGINT = "bigint";
  private static final String SCORE = "numeric(5,4)";
  private static final String JSONB = "jsonb";
  private static final double SCORE_LIMIT = 9.99995;

  /** Columns of what an execution has used, which come as one. */
  private static final List<Column<ExecutionRow>> USAGE_COLUMNS =
      List.of(
          usage("model", TEXT, UsageTotals::model),
          usage("model_calls", INTEGER, UsageTotals::modelCalls),
          usage("tool_calls", INTEGER, UsageTotals::toolCalls),
          usage("input_tokens", BIGINT, totals -> totals.tokens().input()),
          usage("output_tokens", BIGINT, totals -> totals.tokens().output()),
          usage("cache_read_tokens", BIGINT, totals -> totals.tokens().cacheRead()),
          usage("cache_write_tokens", BIGINT, totals -> totals.tokens().cacheWrite()),
          usage("reasoning_tokens", BIGINT, totals -> totals.tokens().reasoning()),
          usage("cost", Cost.TYPE, totals -> Cost.of(totals.costNanos())),
          usage(
              "cost_currency",
              Cost.CURRENCY_TYPE,
              totals -> Cost.currency(totals.costNanos(), totals.currency())));

  /** All columns of {@code agent_execution_logs} but {@link #USAGE_COLUMNS}. */
  private static final List<Column<ExecutionRow>> EXECUTION_COLUMNS =
      List.of(
          Column.always("execution_id", UUID, ExecutionRow::executionId),
          Column.always("correlation_id", UUID, ExecutionRow::correlationId).asFact(),
          Column.always("session_id", UUID, ExecutionRow::sessionId).asFact(),
          Column.always("agent_name", TEXT, ExecutionRow::agentName).asFact(),
          Column.always("instance_id", UUID, ExecutionRow::instanceId).asFact(),
          Column.<ExecutionRow>always("started_at", TIME, row -> time(row.startedAtMicros()))
              .asFact(),
          start("user_prompt", TEXT, Event.Started::prompt),
          start("user_prompt_sha256", TEXT, Event.Started::promptSha256),
          start("user_prompt_length", INTEGER, Event.Started::promptLength),
          start("project_path", TEXT, Event.Started::projectPath),
          start("project_name", TEXT, Event.Started::projectName),
          start("claude_session_id", TEXT, Event.Started::claudeSessionId),
          start("terminal_id", TEXT, Event.Started::terminalId),
          start("parent_execution_id", UUID, Event.Started::parentExecutionId),
          start("trace_id", TEXT, Event.Started::traceId),
          start("span_id", TEXT, Event.Started::spanId),
          start("kind", TEXT, start -> start.kind() == null ? null : start.kind().wireName()),
          Column.maybe("root_execution_id", UUID, ExecutionRow::rootExecutionId).asFact(),
          Column.maybe("routing_decision_id", UUID, ExecutionRow::routingDecisionId),
          Column.always("seen", SMALLINT, ExecutionRow::seen),
          Column.always("progress_seq", INTEGER, ExecutionRow::progressSeq),
          Column.always("metadata", JSONB, row -> JsonWriter.write(row.metadata())),
          Column.always("status", TEXT, row -> row.status().wireName()),
          Column.maybe("completed_at", TIME, end(end -> time(end.completedAtMicros()))),
          Column.maybe("duration_ms", INTEGER, end(Ending::durationMillis)),
          Column.maybe("duration_us", BIGINT, end(Ending::durationMicros)),
          Column.maybe("error_message", TEXT, end(Ending::errorMessage)),
          Column.maybe("error_type", TEXT, end(Ending::errorType)),
          Column.maybe("quality_score", SCORE, end(Ending::quality)),
          Column.always("usage_seq", INTEGER, ExecutionRow::usageSeq));

  /** Stands for {@link #END_WINS} in {@link #MERGE}. */
  static final String END_WINS_MARK = "/*end wins*/";

  /**
   * True if the incoming row has an end that replaces the end of the row: the row has none, or one
   * of lower rank, or a later one of the same rank. Compares integers alone, so it costs little.
   */
  static final String END_WINS =
      """
      ((EXCLUDED.seen & 60::int2) <> 0 AND ((t.seen & 60::int2) = 0 OR (EXCLUDED.seen & 60::int2) < (t.seen & 60::int2)
        OR ((EXCLUDED.seen & 60::int2) = (t.seen & 60::int2) AND EXCLUDED.completed_at < t.completed_at)))\
      """;

  /**
   * The rules of {@link io.agentlog.postgres.ExecutionMerge} in SQL.
   *
   * <ul>
   *   <li>Facts of the execution have one value for life: the first that is not null; see {@link
   *       Column#isFact}. LEAST ignores nulls. {@code x & -x} is the lowest bit of x: of the ends,
   *       the winner's.
   *   <li>metadata: {@code progress} is chosen apart from the other keys, by progress_seq alone.
   *   <li>The columns of the end come as one group, nulls included: a completion clears the error
   *       of a provisional end.
   *   <li>What the execution has used is one group, too, of the event with the highest {@code seq}
   *       that carried it. Nothing is added up, because events are delivered at least once.
   *   <li>Constants have the type that pg_catalog's operators want; see {@link Home}.
   *   <li>The WHERE holds exactly if something above changes, so a replay writes nothing and {@code
   *       updated_at} says when the row did change.
   * </ul>
   */
  static final String MERGE =
      """
      ON CONFLICT (execution_id) DO UPDATE SET
        /*facts*/,
        routing_decision_id = LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id),
        seen = ((t.seen | EXCLUDED.seen) & 3::int2)
          | (((t.seen | EXCLUDED.seen) & 60::int2) & -((t.seen | EXCLUDED.seen) & 60::int2)),
        progress_seq = GREATEST(t.progress_seq, EXCLUDED.progress_seq),
        metadata = CASE WHEN (EXCLUDED.seen & 4::int2, EXCLUDED.progress_seq) > (t.seen & 4::int2, t.progress_seq)
            THEN COALESCE(t.metadata, '{}') || EXCLUDED.metadata ELSE EXCLUDED.metadata || COALESCE(t.metadata, '{}') END
          || CASE WHEN EXCLUDED.progress_seq > t.progress_seq
               THEN pg_catalog.jsonb_build_object('progress', EXCLUDED.metadata -> 'progress'::text)
             WHEN t.progress_seq > 0 THEN pg_catalog.jsonb_build_object('progress', t.metadata -> 'progress'::text)
             ELSE '{}' END,
        status        = CASE WHEN /*end wins*/ THEN EXCLUDED.status        ELSE t.status        END,
        completed_at  = CASE WHEN /*end wins*/ THEN EXCLUDED.completed_at  ELSE t.completed_at  END,
        duration_ms   = CASE WHEN /*end wins*/ THEN EXCLUDED.duration_ms   ELSE t.duration_ms   END,
        duration_us   = CASE WHEN /*end wins*/ THEN EXCLUDED.duration_us   ELSE t.duration_us   END,
        error_message = CASE WHEN /*end wins*/ THEN EXCLUDED.error_message ELSE t.error_message END,
        error_type    = CASE WHEN /*end wins*/ THEN EXCLUDED.error_type    ELSE t.error_type    END,
        quality_score = CASE WHEN /*end wins*/ THEN EXCLUDED.quality_score ELSE t.quality_score END,
        /*usage*/,
        usage_seq = GREATEST(t.usage_seq, EXCLUDED.usage_seq),
        updated_at = pg_catalog.now()
      WHERE ((EXCLUDED.seen & ~t.seen) & 3::int2) <> 0
         OR EXCLUDED.progress_seq > t.progress_seq
         OR /*end wins*/
         OR EXCLUDED.usage_seq > t.usage_seq
         OR LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id) IS DISTINCT FROM t.routing_decision_id\
      """
          .replace("/*facts*/", facts())
          .replace("/*usage*/", usage());

  /** One row for each execution. Two rows of one execution in a statement are error 21000. */
  static final TableInsert<ExecutionRow> EXECUTIONS =
      new TableInsert<>(
          "agent_execution_logs",
          Stream.concat(EXECUTION_COLUMNS.stream(), USAGE_COLUMNS.stream()).toList(),
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

  /** Inserts of new executions. A row that exists already is error 23505. */
  static final TableInsert<ExecutionRow> NEW_EXECUTIONS = EXECUTIONS.withoutMerge();

  static final TableInsert<Event.Progress> NEW_PROGRESS = PROGRESS.withoutMerge();
  static final TableInsert<Event.RoutingDecision> NEW_DECISIONS = DECISIONS.withoutMerge();

  private Tables() {}

  /** A column that the started event alone carries. */
  private static Column<ExecutionRow> start(
      String name, String type, Function<Event.Started, @Nullable Object> value) {
    return Column.<ExecutionRow>maybe(
            name, type, row -> row.start() == null ? null : value.apply(row.start()))
        .asFact();
  }

  private static String facts() {
    return EXECUTION_COLUMNS.stream()
        .filter(Column::isFact)
        .map(Column::factMerge)
        .collect(joining(",\n  "));
  }

  private static String usage() {
    return USAGE_COLUMNS.stream()
        .map(
            column ->
                "%1$s = CASE WHEN EXCLUDED.usage_seq > t.usage_seq THEN EXCLUDED.%1$s ELSE t.%1$s END"
                    .formatted(column.name()))
        .collect(joining(",\n  "));
  }

  private static Column<ExecutionRow> usage(
      String name, String type, Function<UsageTotals, @Nullable Object> value) {
    return Column.maybe(name, type, row -> row.usage() == null ? null : value.apply(row.usage()));
  }

  private static Function<ExecutionRow, @Nullable Object> end(
      Function<Ending, @Nullable Object> value) {
    return row -> row.end() == null ? null : value.apply(row.end());
  }

  /** A number that {@code numeric(5,4)} can't hold is null: it would refuse the whole row. */
  private static Function<Event.RoutingDecision, @Nullable Object> score(
      Function<Event.RoutingDecision, @Nullable Double> value) {
    return event -> score(value.apply(event));
  }

  /** Returns null for a number that {@code numeric(5,4)} can't hold. */
  static @Nullable Double score(@Nullable Double score) {
    return score == null || !(Math.abs(score) < SCORE_LIMIT) ? null : score; // NaN fails too.
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

package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The tables of details: their columns, each declared once, and their statements. Each statement
 * merges, because a file's hash often comes in a later batch than its operation. A column that is
 * declared as always set has a value in every row, or {@link DetailLimits} fills it where a table
 * demands one.
 */
final class DetailTables {
  private static final String UUID = "uuid";
  private static final String TEXT = "text";
  private static final String TIME = "timestamp with time zone";
  private static final String INTEGER = "integer";
  private static final String BIGINT = "bigint";
  private static final String BOOLEAN = "boolean";
  private static final String SCORE = "numeric(5,4)";
  private static final String JSONB = "jsonb";

  /** Longest time that {@code last_seen_at} is behind, and so the most writes of a text in use. */
  private static final String SEEN_INTERVAL = "pg_catalog.make_interval(hours => 1)";

  /** Each prompt; duplicates are harmless. */
  static final TableInsert<DetailRow> PROMPTS =
      new TableInsert<>(
          "agent_prompts",
          columns(
              List.of(
                  always("session_id", UUID),
                  maybe(DetailRow.SEQ, INTEGER),
                  always("user_prompt", TEXT),
                  always("user_prompt_hash", TEXT),
                  always("user_prompt_length", INTEGER),
                  maybe("agent_instructions", TEXT),
                  maybe("agent_instructions_hash", TEXT),
                  maybe("agent_instructions_length", INTEGER))),
          "ON CONFLICT (id) DO NOTHING");

  /**
   * Each text of instructions. A text that is in daily use is not even locked, so that the writers
   * of one agent don't wait for each other: rows that would change nothing are left out before the
   * insert. Retention removes a text only a day after it was last seen, so that none is removed
   * which a transaction left out here; see {@link DetailRetention}.
   */
  static final TableInsert<PromptText> PROMPT_TEXTS =
      new TableInsert<>(
          "agent_prompt_texts",
          List.of(
              Column.always("sha256", TEXT, PromptText::sha256),
              Column.always(TEXT, TEXT, PromptText::text),
              Column.always("length", INTEGER, PromptText::length),
              Column.always("first_seen_at", TIME, text -> JsonWriter.time(text.firstSeen()))),
          """
          WHERE NOT EXISTS (SELECT FROM agent_prompt_texts s
                            WHERE s.sha256 = v.sha256 AND s.first_seen_at <= v.first_seen_at::timestamptz
                              AND s.last_seen_at > pg_catalog.now() - %1$s)
          ON CONFLICT (sha256) DO UPDATE SET
            first_seen_at = LEAST(t.first_seen_at, EXCLUDED.first_seen_at),
            last_seen_at = GREATEST(t.last_seen_at, pg_catalog.now())
          WHERE EXCLUDED.first_seen_at < t.first_seen_at OR t.first_seen_at IS NULL OR t.last_seen_at IS NULL
             OR t.last_seen_at < pg_catalog.now() - %1$s\
          """
              .formatted(SEEN_INTERVAL));

  private static final Set<String> FIRST_VALUE_STAYS =
      Set.of(DetailRow.SIZE, DetailRow.HASH_BEFORE, DetailRow.HASH_AFTER);

  private static final List<Column<DetailRow>> FILE_COLUMNS =
      columns(
          List.of(
              maybe(DetailRow.SEQ, INTEGER),
              always("operation_type", TEXT),
              always("file_path", TEXT),
              always("file_path_hash", TEXT),
              maybe("file_name", TEXT),
              maybe("file_extension", TEXT),
              maybe(DetailRow.SIZE, BIGINT),
              maybe(DetailRow.HASH_BEFORE, TEXT),
              maybe(DetailRow.HASH_AFTER, TEXT),
              maybe(DetailRow.CHANGED, BOOLEAN),
              maybe("tool_name", TEXT),
              maybe("operation_params", JSONB),
              maybe("success", BOOLEAN),
              maybe("error_message", TEXT),
              maybe("bytes_read", BIGINT),
              maybe("bytes_written", BIGINT),
              maybe("duration_ms", INTEGER)));

  /** Each file operation with its hashes. Two rows of one operation in a statement are 21000. */
  static final TableInsert<DetailRow> FILE_OPERATIONS =
      new TableInsert<>("agent_file_operations", FILE_COLUMNS, fileMerge());

  /** Each used item of knowledge; duplicates are harmless. */
  static final TableInsert<DetailRow> INTELLIGENCE =
      new TableInsert<>(
          "agent_intelligence_usage",
          columns(
              List.of(
                  maybe(DetailRow.SEQ, INTEGER),
                  always("intelligence_type", TEXT),
                  always("intelligence_source", TEXT),
                  maybe("intelligence_id", UUID),
                  maybe("intelligence_name", TEXT),
                  maybe("collection_name", TEXT),
                  maybe("usage_context", TEXT),
                  maybe("confidence_score", SCORE),
                  maybe("intelligence_summary", TEXT),
                  maybe("query_used", TEXT),
                  maybe("query_time_ms", INTEGER),
                  maybe("query_results_rank", INTEGER),
                  maybe("was_applied", BOOLEAN),
                  maybe("contributed_to_success", BOOLEAN),
                  maybe("quality_impact", SCORE))),
          "ON CONFLICT (id) DO NOTHING");

  /** Each call of a model; duplicates are harmless. */
  static final TableInsert<DetailRow> MODEL_CALLS =
      new TableInsert<>(
          "agent_model_calls",
          List.of(
              always("execution_id", UUID),
              always(DetailRow.SEQ, INTEGER),
              always("root_execution_id", UUID),
              always("correlation_id", UUID),
              always("agent_name", TEXT),
              always("framework", TEXT),
              maybe("provider", TEXT),
              maybe("request_model", TEXT),
              maybe("response_model", TEXT),
              always("operation", TEXT),
              always("streaming", BOOLEAN),
              always("started_at", TIME),
              always("duration_us", BIGINT),
              maybe("first_token_us", BIGINT),
              maybe("input_tokens", BIGINT),
              maybe("output_tokens", BIGINT),
              maybe("cache_read_tokens", BIGINT),
              maybe("cache_write_tokens", BIGINT),
              maybe("reasoning_tokens", BIGINT),
              maybe("finish_reason", TEXT),
              maybe("error_type", TEXT),
              maybe("error_message", TEXT),
              maybe("cost", Cost.TYPE),
              maybe("cost_currency", Cost.CURRENCY_TYPE),
              maybe("price_version", TEXT),
              metadata(),
              always("created_at", TIME)),
          "ON CONFLICT (execution_id, seq) DO NOTHING");

  private DetailTables() {}

  /**
   * The rules of {@link DetailRow#merge} in SQL. A row without {@code seq} holds hashes alone, and
   * the operation's columns of such a row are replaced, whatever a table demanded there.
   */
  private static String fileMerge() {
    String operation =
        FILE_COLUMNS.stream()
            .map(Column::name)
            .filter(name -> !Set.of("id", DetailRow.METADATA, DetailRow.CHANGED).contains(name))
            .map(
                name ->
                    (FIRST_VALUE_STAYS.contains(name)
                            ? "%1$s = COALESCE(t.%1$s, EXCLUDED.%1$s)"
                            : "%1$s = CASE WHEN t.seq IS NULL THEN EXCLUDED.%1$s ELSE t.%1$s END")
                        .formatted(name))
            .collect(joining(",\n  "));
    return """
    ON CONFLICT (id) DO UPDATE SET
      %s,
      content_changed = COALESCE(t.content_hash_before, EXCLUDED.content_hash_before)::text
        <> COALESCE(t.content_hash_after, EXCLUDED.content_hash_after)::text,
      metadata = COALESCE(EXCLUDED.metadata, '{}') || COALESCE(t.metadata, '{}')
    WHERE t.seq IS NULL AND EXCLUDED.seq IS NOT NULL
       OR t.file_size_bytes IS NULL AND EXCLUDED.file_size_bytes IS NOT NULL
       OR t.content_hash_before IS NULL AND EXCLUDED.content_hash_before IS NOT NULL
       OR t.content_hash_after IS NULL AND EXCLUDED.content_hash_after IS NOT NULL
       OR (COALESCE(EXCLUDED.metadata, '{}') || COALESCE(t.metadata, '{}')) IS DISTINCT FROM t.metadata\
    """
        .formatted(operation);
  }

  private static List<Column<DetailRow>> columns(List<Column<DetailRow>> own) {
    List<Column<DetailRow>> all = new ArrayList<>();
    all.add(Column.always("id", UUID, DetailRow::id));
    all.add(always("correlation_id", UUID));
    all.add(always("execution_id", UUID));
    all.add(always("agent_name", TEXT));
    all.addAll(own);
    all.add(metadata());
    all.add(always("created_at", TIME));
    return List.copyOf(all);
  }

  private static Column<DetailRow> metadata() {
    return Column.always(DetailRow.METADATA, JSONB, row -> JsonWriter.write(row.metadata()));
  }

  private static Column<DetailRow> always(String name, String type) {
    return Column.always(name, type, row -> row.value(name));
  }

  private static Column<DetailRow> maybe(String name, String type) {
    return Column.maybe(name, type, row -> row.value(name));
  }
}

package io.agentlog.postgres;

import io.agentlog.event.CleanText;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.json.JsonWriter;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table of details: its key and the values of its columns by name. Immutable.
 *
 * @param id made at capture; of a call of a model, the execution's, which {@code seq} completes
 * @param values without the key; a column that is not named is null
 */
record DetailRow(UUID id, Map<String, @Nullable Object> values) {
  static final String SEQ = "seq";
  static final String METADATA = "metadata";
  static final String SIZE = "file_size_bytes";
  static final String HASH_BEFORE = "content_hash_before";
  static final String HASH_AFTER = "content_hash_after";
  static final String CHANGED = "content_changed";

  /** Longest name of a model or provider, in characters, so that an index takes it. */
  static final int MODEL_LENGTH_MAX = 200;

  /** Stands for a prompt that the policy withholds. */
  static final String WITHHELD = "[OMITTED]";

  DetailRow {
    values = Collections.unmodifiableMap(new HashMap<>(values));
  }

  @Nullable Object value(String column) {
    return values.get(column);
  }

  /** Returns the number in the execution; 0 if there is none. */
  int seq() {
    return values.get(SEQ) instanceof Integer seq ? seq : 0;
  }

  /** Returns the metadata; empty if there is none. */
  Map<?, ?> metadata() {
    return values.get(METADATA) instanceof Map<?, ?> map ? map : Map.of();
  }

  static DetailRow of(Event.Prompt event) {
    Map<String, @Nullable Object> values = header(event.header());
    values.put(SEQ, event.header().seq());
    values.put("session_id", event.header().session().id());
    boolean isWithheld = event.prompt() == null && event.promptLength() != null;
    values.put("user_prompt", isWithheld ? WITHHELD : event.prompt());
    values.put("user_prompt_hash", event.promptSha256());
    values.put("user_prompt_length", event.promptLength());
    values.put("agent_instructions_hash", event.instructionsSha256());
    values.put("agent_instructions_length", event.instructionsLength());
    values.put(METADATA, event.metadata());
    return new DetailRow(event.id(), values);
  }

  static DetailRow of(Event.FileOperation event) {
    Map<String, @Nullable Object> values = header(event.header());
    values.put(SEQ, event.header().seq());
    values.put("operation_type", event.operation().wireName());
    String path = event.path();
    values.put("file_path", path);
    values.put("file_path_hash", event.pathSha256());
    if (path != null) {
      String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
      values.put("file_name", name);
      int dot = name.lastIndexOf('.');
      values.put("file_extension", dot > 0 ? name.substring(dot) : null);
    }
    values.put(SIZE, event.sizeBytes());
    values.put(HASH_BEFORE, event.sha256Before());
    values.put("tool_name", event.tool());
    values.put(
        "operation_params",
        event.parameters().isEmpty() ? null : JsonWriter.write(event.parameters()));
    values.put("success", event.isSuccess());
    values.put("error_message", error(event.errorType(), event.errorMessage()));
    values.put("bytes_read", event.bytesRead());
    values.put("bytes_written", event.bytesWritten());
    values.put("duration_ms", millis(event.durationMicros()));
    values.put(METADATA, event.metadata());
    return new DetailRow(event.id(), values);
  }

  /** A row that its operation completes, whichever comes first: it has no {@code seq}. */
  static DetailRow of(Event.FileHash event) {
    Map<String, @Nullable Object> values = header(event.header());
    values.put(SIZE, event.sizeBytes());
    values.put(HASH_BEFORE, event.sha256Before());
    values.put(HASH_AFTER, event.sha256After());
    values.put(METADATA, event.metadata());
    return new DetailRow(event.operationId(), withChanged(values));
  }

  static DetailRow of(Event.IntelligenceUsage event) {
    Map<String, @Nullable Object> values = header(event.header());
    values.put(SEQ, event.header().seq());
    values.put("intelligence_type", event.kind());
    values.put("intelligence_source", event.source());
    Identifier item = event.itemId();
    values.put("intelligence_id", item == null ? null : item.id());
    values.put("intelligence_name", event.name());
    values.put("collection_name", event.collection());
    values.put("usage_context", event.usageContext());
    values.put("confidence_score", Tables.score(event.confidence()));
    values.put("intelligence_summary", event.summary());
    values.put("query_used", event.query());
    values.put("query_time_ms", millis(event.queryMicros()));
    values.put("query_results_rank", event.rank());
    values.put("was_applied", event.applied());
    values.put("contributed_to_success", event.contributed());
    values.put("quality_impact", Tables.score(event.qualityImpact()));
    if (item != null && item.raw() != null) {
      values.put(METADATA, with(event.metadata(), "intelligence_id", item.raw()));
    } else {
      values.put(METADATA, event.metadata());
    }
    return new DetailRow(event.id(), values);
  }

  static DetailRow of(Event.ModelCall event) {
    ModelCallValues call = event.values();
    TokenCounts tokens = call.tokens();
    UUID execution = event.header().executionId();
    UUID root = event.rootExecutionId();
    Map<String, @Nullable Object> values = header(event.header());
    values.put(SEQ, event.header().seq());
    values.put("root_execution_id", root == null ? execution : root);
    values.put("framework", call.framework());
    values.put("operation", "chat");
    values.put("streaming", call.isStreaming());
    values.put("started_at", JsonWriter.time(event.startedAt()));
    values.put("duration_us", call.durationMicros());
    values.put("first_token_us", call.firstTokenMicros() < 0 ? null : call.firstTokenMicros());
    values.put("input_tokens", tokens.input());
    values.put("output_tokens", tokens.output());
    values.put("cache_read_tokens", tokens.cacheRead());
    values.put("cache_write_tokens", tokens.cacheWrite());
    values.put("reasoning_tokens", tokens.reasoning());
    values.put("finish_reason", call.finishReason());
    values.put("error_type", call.errorType());
    values.put("error_message", call.errorMessage());
    values.put("cost", Cost.of(call.costNanos()));
    values.put("cost_currency", Cost.currency(call.costNanos(), call.currency()));
    values.put("price_version", call.priceVersion());
    Map<?, ?> metadata = putName(values, "provider", call.provider(), call.metadata());
    metadata = putName(values, "request_model", call.requestModel(), metadata);
    metadata = putName(values, "response_model", call.responseModel(), metadata);
    values.put(METADATA, metadata);
    return new DetailRow(execution, values);
  }

  /** Cuts a name that is too long; returns the metadata, then with a flag. */
  private static Map<?, ?> putName(
      Map<String, @Nullable Object> values,
      String column,
      @Nullable String name,
      Map<?, ?> metadata) {
    if (name == null || name.codePointCount(0, name.length()) <= MODEL_LENGTH_MAX) {
      values.put(column, name);
      return metadata;
    }
    values.put(column, name.substring(0, name.offsetByCodePoints(0, MODEL_LENGTH_MAX)));
    return with(metadata, column + "_truncated", true);
  }

  /**
   * Joins two rows of one file operation, of which either may be its hashes alone: the operation's
   * columns come from the row that has them, and of every other column the first value that is not
   * null. {@link DetailTables#FILE_OPERATIONS} has the same rules in SQL.
   */
  static DetailRow merge(DetailRow a, DetailRow b) {
    if (!a.id.equals(b.id)) {
      throw new IllegalArgumentException("rows of two operations");
    }
    boolean isOfB = a.value(SEQ) == null && b.value(SEQ) != null;
    Map<String, @Nullable Object> values = new HashMap<>(isOfB ? b.values : a.values);
    for (String column : new String[] {SIZE, HASH_BEFORE, HASH_AFTER}) {
      values.put(column, a.value(column) != null ? a.value(column) : b.value(column));
    }
    Map<Object, @Nullable Object> metadata = new LinkedHashMap<>(b.metadata());
    metadata.putAll(a.metadata());
    values.put(METADATA, metadata);
    return new DetailRow(a.id, withChanged(values));
  }

  /** Returns metadata with one more key, which doesn't replace one that is there. */
  static Map<String, @Nullable Object> with(Map<?, ?> metadata, String key, Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>();
    metadata.forEach((k, v) -> more.put(String.valueOf(k), v));
    more.putIfAbsent(key, value);
    return more;
  }

  private static Map<String, @Nullable Object> withChanged(Map<String, @Nullable Object> values) {
    Object before = values.get(HASH_BEFORE);
    Object after = values.get(HASH_AFTER);
    values.put(CHANGED, (before == null || after == null) ? null : !before.equals(after));
    return values;
  }

  private static Map<String, @Nullable Object> header(EventHeader header) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("correlation_id", header.correlation().id());
    values.put("execution_id", header.executionId());
    values.put("agent_name", header.agentName());
    values.put("created_at", JsonWriter.time(header.occurredAt()));
    return values;
  }

  private static @Nullable String error(@Nullable String type, @Nullable String message) {
    return type == null || message == null
        ? type == null ? message : type
        : CleanText.of(type + ": " + message);
  }

  private static @Nullable Integer millis(@Nullable Long micros) {
    return micros == null ? null : (int) Math.min(Integer.MAX_VALUE, micros / 1_000);
  }
}

package io.agentlog.json;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.Event.Kind;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of {@link EventJsonWriter}. Stateless. */
public final class EventJsonReader {
  /** A field that every agentlog event has, and no line of the Python logger. */
  private static final String MARK = "schema_version";

  private EventJsonReader() {}

  /** True for a line that agentlog wrote, complete or not. */
  public static boolean isOwn(Map<String, @Nullable Object> line) {
    return line.get(MARK) != null;
  }

  /**
   * Reads the event of a line, or of a record of Kafka.
   *
   * @throws BrokenLineException if it is not a JSON object in UTF-8, or as {@link #read(Map)}
   */
  public static Event read(byte[] line) throws BrokenLineException {
    return read(JsonReader.parse(line));
  }

  /**
   * Reads the event of a line.
   *
   * @throws BrokenLineException if a field is missing or unusable, or the version is another
   */
  public static Event read(Map<String, @Nullable Object> line) throws BrokenLineException {
    Fields fields = new Fields(line);
    Integer version = fields.integer(MARK);
    if (version == null) {
      throw new BrokenLineException("it has no schema_version, which every event of agentlog has");
    }
    if (version != EventJsonWriter.SCHEMA_VERSION) {
      throw new BrokenLineException(
          "its schema_version is not %s: read it with the agentlog that wrote it, or a newer one"
              .formatted(EventJsonWriter.SCHEMA_VERSION));
    }
    String type = fields.requiredText("event_type");
    EventHeader header = header(fields);
    return switch (type) {
      case "started" -> started(fields, header);
      case "progress" -> progress(fields, header);
      case "completed" -> completed(fields, header);
      case "routing_decision" -> decision(fields, header);
      case "prompt" -> DetailJsonReader.prompt(fields, header);
      case "file_operation" -> DetailJsonReader.fileOperation(fields, header);
      case "file_hash" -> DetailJsonReader.fileHash(fields, header);
      case "model_call" -> UsageJson.modelCall(fields, header);
      case "intelligence_usage" -> DetailJsonReader.intelligenceUsage(fields, header);
      default -> throw new BrokenLineException("unknown event_type");
    };
  }

  private static EventHeader header(Fields fields) throws BrokenLineException {
    Integer seq = fields.integer("seq");
    if (seq == null || seq < 1) {
      throw new BrokenLineException("no seq, or seq is below 1 or too large");
    }
    long startedAt = Times.required(fields, "started_at");
    long elapsedMicros = Times.required(fields, "timestamp") - startedAt;
    if (elapsedMicros < 0 || elapsedMicros > Long.MAX_VALUE / 1_000) {
      throw new BrokenLineException("timestamp is before started_at, or centuries after it");
    }
    return new EventHeader(
        requiredUuid(fields, "execution_id"),
        seq,
        startedAt,
        elapsedMicros * 1_000,
        fields.requiredText("agent_name"),
        Identifier.of(requiredUuid(fields, "correlation_id")),
        Identifier.of(requiredUuid(fields, "session_id")),
        requiredUuid(fields, "instance_id"));
  }

  private static Event started(Fields fields, EventHeader header) {
    Integer length = fields.integer("user_prompt_length");
    return new Event.Started(
        header,
        kind(fields.text("kind")),
        fields.text("user_prompt"),
        length,
        fields.text("user_prompt_sha256"),
        fields.text("project_path"),
        fields.text("project_name"),
        fields.text("claude_session_id"),
        fields.text("terminal_id"),
        uuid(fields, "parent_execution_id"),
        uuid(fields, "root_execution_id"),
        fields.text("trace_id"),
        fields.text("span_id"),
        flagged(fields.map("metadata"), fields)); // Includes the raw texts of identifiers.
  }

  /** Null for a line older than kinds, and for a kind of a later agentlog. */
  private static @Nullable Kind kind(@Nullable String name) {
    for (Kind kind : Kind.values()) {
      if (kind.wireName().equals(name)) {
        return kind;
      }
    }
    return null;
  }

  private static Event progress(Fields fields, EventHeader header) throws BrokenLineException {
    Map<String, @Nullable Object> metadata = fields.map("metadata");
    if (!(metadata.remove("progress") instanceof Map<?, ?> progress)) {
      throw new BrokenLineException("no metadata.progress");
    }
    Map<String, @Nullable Object> stageMetadata = new LinkedHashMap<>();
    progress.forEach((key, value) -> stageMetadata.put(String.valueOf(key), value));
    Fields stageFields = new Fields(new LinkedHashMap<>(stageMetadata));
    String stage = stageFields.requiredText("stage");
    Integer percent = stageFields.integer("percent");
    boolean isPercent = percent != null && percent >= 0 && percent <= 100;
    stageMetadata.keySet().removeAll(java.util.Set.of("stage", "percent", "updated_at"));
    return new Event.Progress(
        header,
        stage,
        isPercent ? percent : null,
        stageMetadata,
        flagged(metadata, fields),
        UsageJson.totals(fields));
  }

  private static Event completed(Fields fields, EventHeader header) throws BrokenLineException {
    Status status = status(fields.requiredText("status"));
    String errorType = fields.text("error_type");
    String errorMessage = fields.text("error_message");
    boolean isProvisional = Boolean.TRUE.equals(fields.flag("provisional"));
    Map<String, @Nullable Object> metadata = fields.map("metadata");
    metadata.remove("completed_at"); // The sink adds it.
    return new Event.Completed(
        header,
        status,
        end(isProvisional, errorType),
        errorType,
        errorMessage,
        fields.decimal("quality_score"),
        isProvisional ? Map.of() : flagged(metadata, fields),
        header.elapsedMicros(),
        UsageJson.totals(fields));
  }

  private static Event decision(Fields fields, EventHeader header) throws BrokenLineException {
    return new Event.RoutingDecision(
        header,
        requiredUuid(fields, "routing_decision_id"),
        fields.text("user_request"),
        fields.text("user_request_hash"),
        fields.text("selected_agent"),
        fields.decimal("confidence_score"),
        fields.text("routing_strategy"),
        fields.decimal("trigger_confidence"),
        fields.decimal("context_confidence"),
        fields.decimal("capability_confidence"),
        fields.decimal("historical_confidence"),
        fields.value("alternatives"),
        fields.text("reasoning"),
        fields.integer("routing_time_ms"),
        fields.flag("cache_hit"));
  }

  private static Status status(String name) throws BrokenLineException {
    for (Status status : Status.values()) {
      if (status != Status.IN_PROGRESS && status.wireName().equals(name)) {
        return status;
      }
    }
    throw new BrokenLineException("unknown status");
  }

  /** Only {@code SHUT_DOWN} and {@code ABANDONED} exist as provisional events. */
  private static End end(boolean isProvisional, @Nullable String errorType) {
    if (!isProvisional) {
      return End.COMPLETED;
    }
    return String.valueOf(End.SHUT_DOWN.errorType()).equals(errorType)
        ? End.SHUT_DOWN
        : End.ABANDONED;
  }

  static Map<String, @Nullable Object> flagged(
      Map<String, @Nullable Object> metadata, Fields fields) {
    metadata.putAll(fields.flags());
    return metadata;
  }

  /** Returns the UUID in a field that has to be there. */
  public static UUID requiredUuid(Fields fields, String name) throws BrokenLineException {
    UUID id = uuid(fields, name);
    if (id == null) {
      throw new BrokenLineException((fields.has(name) ? "no UUID in " : "no ") + name);
    }
    return id;
  }

  static @Nullable UUID uuid(Fields fields, String name) {
    String text = fields.nonEmptyText(name);
    Identifier identifier = text == null ? null : Identifier.of(text);
    return identifier == null || identifier.raw() != null ? null : identifier.id();
  }
}

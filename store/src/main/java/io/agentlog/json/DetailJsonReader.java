package io.agentlog.json;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.Identifier;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The part of {@link EventJsonReader} for events that tell details. Stateless. */
final class DetailJsonReader {
  private DetailJsonReader() {}

  static Event prompt(Fields fields, EventHeader header) throws BrokenLineException {
    return new Event.Prompt(
        header,
        EventJsonReader.requiredUuid(fields, "prompt_id"),
        fields.text("user_prompt"),
        fields.integer("user_prompt_length"),
        fields.text("user_prompt_hash"),
        fields.text("agent_instructions"),
        fields.integer("agent_instructions_length"),
        fields.text("agent_instructions_hash"),
        metadata(fields));
  }

  static Event fileOperation(Fields fields, EventHeader header) throws BrokenLineException {
    FileOperationType operation = operation(fields.requiredText("operation_type"));
    String pathSha256 = fields.requiredText("file_path_hash");
    Boolean isSuccess = fields.flag("success");
    if (isSuccess == null) {
      throw new BrokenLineException("no success");
    }
    return new Event.FileOperation(
        header,
        EventJsonReader.requiredUuid(fields, "operation_id"),
        operation,
        fields.text("file_path"),
        pathSha256,
        fields.count("file_size_bytes"),
        fields.count("bytes_read"),
        fields.count("bytes_written"),
        fields.text("content_hash_before"),
        fields.text("tool_name"),
        isSuccess,
        fields.text("error_type"),
        fields.text("error_message"),
        fields.count("duration_us"),
        fields.map("operation_params"),
        metadata(fields));
  }

  static Event fileHash(Fields fields, EventHeader header) throws BrokenLineException {
    return new Event.FileHash(
        header,
        EventJsonReader.requiredUuid(fields, "operation_id"),
        fields.text("content_hash_before"),
        fields.text("content_hash_after"),
        fields.count("file_size_bytes"),
        metadata(fields));
  }

  static Event intelligenceUsage(Fields fields, EventHeader header) throws BrokenLineException {
    UUID item = EventJsonReader.uuid(fields, "intelligence_id");
    Integer rank = fields.integer("query_results_rank");
    return new Event.IntelligenceUsage(
        header,
        EventJsonReader.requiredUuid(fields, "usage_id"),
        fields.text("intelligence_type"),
        fields.text("intelligence_source"),
        item == null ? null : Identifier.of(item), // Its text is in the metadata.
        fields.text("intelligence_name"),
        fields.text("collection_name"),
        fields.text("usage_context"),
        fields.decimal("confidence_score"),
        fields.text("intelligence_summary"),
        fields.text("query_used"),
        fields.count("query_time_us"),
        rank == null || rank < 1 ? null : rank,
        fields.flag("was_applied"),
        fields.flag("contributed_to_success"),
        fields.decimal("quality_impact"),
        metadata(fields));
  }

  /** Called last, because it flags the texts that were read before. */
  private static Map<String, @Nullable Object> metadata(Fields fields) {
    return EventJsonReader.flagged(fields.map("metadata"), fields);
  }

  private static FileOperationType operation(String name) throws BrokenLineException {
    for (FileOperationType type : FileOperationType.values()) {
      if (type.wireName().equals(name)) {
        return type;
      }
    }
    throw new BrokenLineException("unknown operation_type");
  }
}

package io.agentlog.event;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The part of {@link EventDecoder} for events that tell details. Thread-safe. */
final class DetailDecoder {
  private DetailDecoder() {}

  static Event prompt(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    UUID id = requiredId(reader, flags);
    Map<String, @Nullable Object> metadata = reader.map();
    Kept prompt = kept(reader, "user_prompt", flags);
    Kept instructions = kept(reader, "agent_instructions", flags);
    return new Event.Prompt(
        header,
        id,
        prompt.text,
        prompt.length,
        prompt.sha256,
        instructions.text,
        instructions.length,
        instructions.sha256,
        EventDecoder.joined(metadata, flags));
  }

  private record Kept(@Nullable String text, @Nullable Integer length, @Nullable String sha256) {}

  private static Kept kept(EventReader reader, String field, Map<String, @Nullable Object> flags) {
    if (reader.byteValue() == Wire.ABSENT) {
      return new Kept(null, null, null);
    }
    int encoded = reader.intValue();
    int rawCodePoints = reader.codePointsOfNextText();
    String text = reader.text(field, flags);
    if (Wire.isWithheld(encoded)) {
      return new Kept(null, Wire.lengthOfWithheld(encoded), text);
    }
    if (text == null) {
      throw new IllegalArgumentException("a kept text that is absent");
    }
    int length = encoded == Wire.LENGTH_OF_TEXT ? rawCodePoints : encoded;
    return new Kept(text, length, EventDecoder.sha256(text));
  }

  static Event fileOperation(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    UUID id = requiredId(reader, flags);
    FileOperationType operation =
        EventDecoder.constant(
            FileOperationType.values(),
            FileOperationType::code,
            reader.byteValue(),
            "file operation");
    boolean isSuccess = reader.byteValue() != 0;
    Long size = known(reader.longValue());
    Long bytesRead = known(reader.longValue());
    Long bytesWritten = known(reader.longValue());
    Long micros = known(reader.longValue());
    String path = reader.text("file_path", flags);
    String pathSha256 = reader.text("file_path_hash", flags);
    if (pathSha256 == null) {
      if (path == null) {
        throw new IllegalArgumentException("a file operation without a path");
      }
      pathSha256 = EventDecoder.sha256(path);
    }
    String before = reader.text("content_hash_before", flags);
    String tool = reader.text("tool_name", flags);
    String errorType = reader.text("error_type", flags);
    String errorMessage = reader.text("error_message", flags);
    Map<String, @Nullable Object> parameters = reader.map();
    Map<String, @Nullable Object> metadata = reader.map();
    return new Event.FileOperation(
        header,
        id,
        operation,
        path,
        pathSha256,
        size,
        bytesRead,
        bytesWritten,
        before,
        tool,
        isSuccess,
        errorType,
        errorMessage,
        micros,
        parameters,
        EventDecoder.joined(metadata, flags));
  }

  static Event fileHash(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    UUID id = requiredId(reader, flags);
    Long size = known(reader.longValue());
    String before = reader.text("content_hash_before", flags);
    String after = reader.text("content_hash_after", flags);
    return new Event.FileHash(
        header, id, before, after, size, EventDecoder.joined(reader.map(), flags));
  }

  static Event intelligence(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    UUID id = requiredId(reader, flags);
    Boolean applied = flag(reader.byteValue());
    Boolean contributed = flag(reader.byteValue());
    int rank = reader.intValue();
    Long micros = known(reader.longValue());
    Double confidence = EventDecoder.nullable(reader.doubleValue());
    Double impact = EventDecoder.nullable(reader.doubleValue());
    Identifier item = reader.identifier("intelligence_id", flags);
    String kind = reader.text("intelligence_type", flags);
    String source = reader.text("intelligence_source", flags);
    String name = reader.text("intelligence_name", flags);
    String collection = reader.text("collection_name", flags);
    String usageContext = reader.text("usage_context", flags);
    String summary = reader.text("intelligence_summary", flags);
    String query = reader.text("query_used", flags);
    return new Event.IntelligenceUsage(
        header,
        id,
        kind,
        source,
        item,
        name,
        collection,
        usageContext,
        confidence,
        summary,
        query,
        micros,
        rank < 1 ? null : rank,
        applied,
        contributed,
        impact,
        EventDecoder.joined(reader.map(), flags));
  }

  private static UUID requiredId(EventReader reader, Map<String, @Nullable Object> flags) {
    Identifier id = reader.identifier("id", flags);
    if (id == null || id.raw() != null) {
      throw new IllegalArgumentException("a detail without an ID");
    }
    return id.id();
  }

  static @Nullable Long known(long value) {
    return value < 0 ? null : value;
  }

  private static @Nullable Boolean flag(int value) {
    return value == Wire.UNKNOWN ? null : Boolean.valueOf(value == Wire.YES);
  }
}

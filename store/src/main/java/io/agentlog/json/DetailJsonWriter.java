package io.agentlog.json;

import static io.agentlog.json.EventJsonWriter.writeField;
import static io.agentlog.json.EventJsonWriter.writeText;

import com.fasterxml.jackson.core.JsonGenerator;
import io.agentlog.event.Event;
import io.agentlog.event.Event.FileHash;
import io.agentlog.event.Event.FileOperation;
import io.agentlog.event.Event.IntelligenceUsage;
import io.agentlog.event.Event.ModelCall;
import io.agentlog.event.Event.Prompt;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of {@link EventJsonWriter} for events that tell details. Thread-safe. */
final class DetailJsonWriter {
  private DetailJsonWriter() {}

  /** Writes the fields after the header. */
  static void write(JsonGenerator json, Event event, boolean withTexts) throws IOException {
    if (event instanceof Prompt prompt) {
      writePrompt(json, prompt, withTexts);
    } else if (event instanceof FileOperation operation) {
      writeFileOperation(json, operation);
    } else if (event instanceof FileHash hash) {
      writeFileHash(json, hash);
    } else if (event instanceof IntelligenceUsage usage) {
      writeIntelligenceUsage(json, usage);
    } else if (event instanceof ModelCall call) {
      UsageJson.write(json, call);
    } else {
      throw new IllegalArgumentException(event.type() + " is no detail");
    }
  }

  private static void writePrompt(JsonGenerator json, Prompt event, boolean withTexts)
      throws IOException {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    writeText(json, "prompt_id", event.id());
    if (withTexts) {
      writeField(json, "user_prompt", event.prompt());
    } else if (event.prompt() != null) {
      metadata.put("user_prompt_truncated", true);
    }
    writeField(json, "user_prompt_length", event.promptLength());
    writeField(json, "user_prompt_hash", event.promptSha256());
    if (withTexts) {
      writeField(json, "agent_instructions", event.instructions());
    } else if (event.instructions() != null) {
      metadata.put("agent_instructions_truncated", true);
    }
    writeField(json, "agent_instructions_length", event.instructionsLength());
    writeField(json, "agent_instructions_hash", event.instructionsSha256());
    writeField(json, "metadata", metadata);
  }

  private static void writeFileOperation(JsonGenerator json, FileOperation event)
      throws IOException {
    writeText(json, "operation_id", event.id());
    writeField(json, "operation_type", event.operation().wireName());
    writeField(json, "file_path", event.path());
    writeField(json, "file_path_hash", event.pathSha256());
    writeField(json, "file_size_bytes", event.sizeBytes());
    writeField(json, "bytes_read", event.bytesRead());
    writeField(json, "bytes_written", event.bytesWritten());
    writeField(json, "content_hash_before", event.sha256Before());
    writeField(json, "tool_name", event.tool());
    writeField(json, "success", event.isSuccess());
    writeField(json, "error_type", event.errorType());
    writeField(json, "error_message", event.errorMessage());
    writeMicros(json, "duration_ms", "duration_us", event.durationMicros());
    writeField(json, "operation_params", event.parameters());
    writeField(json, "metadata", event.metadata());
  }

  private static void writeFileHash(JsonGenerator json, FileHash event) throws IOException {
    writeText(json, "operation_id", event.operationId());
    writeField(json, "file_size_bytes", event.sizeBytes());
    writeField(json, "content_hash_before", event.sha256Before());
    writeField(json, "content_hash_after", event.sha256After());
    writeField(json, "metadata", event.metadata());
  }

  private static void writeIntelligenceUsage(JsonGenerator json, IntelligenceUsage event)
      throws IOException {
    writeText(json, "usage_id", event.id());
    writeField(json, "intelligence_type", event.kind());
    writeField(json, "intelligence_source", event.source());
    writeText(json, "intelligence_id", event.itemId() == null ? null : event.itemId().id());
    writeField(json, "intelligence_name", event.name());
    writeField(json, "collection_name", event.collection());
    writeField(json, "usage_context", event.usageContext());
    writeField(json, "confidence_score", event.confidence());
    writeField(json, "intelligence_summary", event.summary());
    writeField(json, "query_used", event.query());
    writeMicros(json, "query_time_ms", "query_time_us", event.queryMicros());
    writeField(json, "query_results_rank", event.rank());
    writeField(json, "was_applied", event.applied());
    writeField(json, "contributed_to_success", event.contributed());
    writeField(json, "quality_impact", event.qualityImpact());
    writeField(json, "metadata", EventMetadata.of(event));
  }

  /** Writes milliseconds, as the column has them, and the microseconds that were measured. */
  static void writeMicros(
      JsonGenerator json, String millisName, String microsName, @Nullable Long micros)
      throws IOException {
    if (micros != null) {
      json.writeNumberField(millisName, Math.min(micros / 1_000, Integer.MAX_VALUE));
      json.writeNumberField(microsName, micros);
    }
  }
}

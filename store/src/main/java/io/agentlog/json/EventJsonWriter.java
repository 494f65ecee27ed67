package io.agentlog.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.agentlog.event.Event;
import io.agentlog.event.Event.Completed;
import io.agentlog.event.Event.Progress;
import io.agentlog.event.Event.Prompt;
import io.agentlog.event.Event.RoutingDecision;
import io.agentlog.event.Event.Started;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event as the JSON object for Kafka and for files: the names of the table's columns, and
 * {@code event_type}, {@code seq}, {@code timestamp}, {@code schema_version}. {@code docs/events/}
 * holds its JSON Schemas.
 *
 * <p>A null value is left out. Times are UTC with exactly six digits of microseconds, so that they
 * sort as text. Thread-safe. Each method throws {@link UncheckedIOException} for a text that UTF-8
 * can't carry (a lone surrogate), which no decoded event holds.
 */
public final class EventJsonWriter {
  /** Raised when a field changes its meaning, not for a new field. */
  public static final int SCHEMA_VERSION = 1;

  /** Writes a character outside the basic plane as four bytes of UTF-8, not as twelve. */
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private EventJsonWriter() {}

  /** The event as one JSON object in UTF-8, without a line break. */
  public static byte[] write(Event event) {
    return write(event, true);
  }

  /**
   * The event without the text of its prompt and instructions, for a broker that refuses records of
   * its size. Flagged by {@code metadata.user_prompt_truncated} and {@code
   * agent_instructions_truncated} (in a decision {@code user_request_truncated}); length and hash
   * stay.
   */
  public static byte[] writeWithoutPrompt(Event event) {
    return write(event, false);
  }

  /** True if {@link #writeWithoutPrompt} writes less than {@link #write}. */
  public static boolean hasPrompt(Event event) {
    return (event instanceof Started started && started.prompt() != null)
        || (event instanceof RoutingDecision decision && decision.userRequest() != null)
        || (event instanceof Prompt prompt
            && (prompt.prompt() != null || prompt.instructions() != null));
  }

  private static byte[] write(Event event, boolean withPrompt) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      writeHeader(json, event);
      switch (event.type()) {
        case STARTED -> writeStarted(json, (Started) event, withPrompt);
        case PROGRESS -> writeProgress(json, (Progress) event);
        case COMPLETED -> writeCompleted(json, (Completed) event);
        case ROUTING_DECISION -> writeRoutingDecision(json, (RoutingDecision) event, withPrompt);
        case PROMPT, FILE_OPERATION, FILE_HASH, INTELLIGENCE_USAGE, MODEL_CALL ->
            DetailJsonWriter.write(json, event, withPrompt);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("event can't be written as JSON", e);
    }
    return bytes.toByteArray();
  }

  private static void writeHeader(JsonGenerator json, Event event) throws IOException {
    EventHeader header = event.header();
    Status status = event instanceof Completed completed ? completed.status() : Status.IN_PROGRESS;
    json.writeStringField("event_type", event.type().wireName());
    json.writeNumberField("schema_version", SCHEMA_VERSION);
    json.writeStringField("execution_id", header.executionId().toString());
    json.writeNumberField("seq", header.seq());
    json.writeStringField("timestamp", JsonWriter.time(header.occurredAt()));
    json.writeStringField("status", status.wireName());
    json.writeStringField("agent_name", header.agentName());
    json.writeStringField("correlation_id", header.correlation().id().toString());
    json.writeStringField("session_id", header.session().id().toString());
    json.writeStringField("instance_id", header.instanceId().toString());
    json.writeStringField("started_at", JsonWriter.time(header.startedAt()));
  }

  private static void writeStarted(JsonGenerator json, Started event, boolean withPrompt)
      throws IOException {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(EventMetadata.of(event));
    if (withPrompt) {
      writeField(json, "user_prompt", event.prompt());
    } else if (event.prompt() != null) {
      metadata.put("user_prompt_truncated", true);
    }
    writeField(json, "user_prompt_length", event.promptLength());
    writeField(json, "user_prompt_sha256", event.promptSha256());
    writeField(json, "project_path", event.projectPath());
    writeField(json, "project_name", event.projectName());
    writeField(json, "claude_session_id", event.claudeSessionId());
    writeField(json, "terminal_id", event.terminalId());
    writeText(json, "parent_execution_id", event.parentExecutionId());
    writeText(json, "root_execution_id", event.rootExecutionId());
    writeField(json, "trace_id", event.traceId());
    writeField(json, "span_id", event.spanId());
    writeField(json, "kind", event.kind() == null ? null : event.kind().wireName());
    writeField(json, "metadata", metadata);
  }

  private static void writeProgress(JsonGenerator json, Progress event) throws IOException {
    UsageJson.writeTotals(json, event.totals());
    writeField(json, "metadata", EventMetadata.of(event));
  }

  private static void writeCompleted(JsonGenerator json, Completed event) throws IOException {
    json.writeStringField("completed_at", JsonWriter.time(event.header().occurredAt()));
    Long durationMicros = event.durationMicros();
    if (durationMicros != null) {
      json.writeNumberField("duration_ms", Math.min(durationMicros / 1_000, Integer.MAX_VALUE));
      json.writeNumberField("duration_us", durationMicros);
    }
    writeField(json, "quality_score", event.quality());
    writeField(json, "error_type", event.errorType());
    writeField(json, "error_message", event.errorMessage());
    if (event.end().isProvisional()) {
      json.writeBooleanField("provisional", true);
    }
    UsageJson.writeTotals(json, event.totals());
    writeField(json, "metadata", EventMetadata.of(event));
  }

  private static void writeRoutingDecision(
      JsonGenerator json, RoutingDecision event, boolean withPrompt) throws IOException {
    json.writeStringField("routing_decision_id", event.id().toString());
    if (withPrompt) {
      writeField(json, "user_request", event.userRequest());
    } else if (event.userRequest() != null) {
      writeField(json, "metadata", Map.of("user_request_truncated", true));
    }
    writeField(json, "user_request_hash", event.userRequestSha256());
    writeField(json, "selected_agent", event.selectedAgent());
    writeField(json, "confidence_score", event.confidence());
    writeField(json, "routing_strategy", event.strategy());
    writeField(json, "trigger_confidence", event.triggerConfidence());
    writeField(json, "context_confidence", event.contextConfidence());
    writeField(json, "capability_confidence", event.capabilityConfidence());
    writeField(json, "historical_confidence", event.historicalConfidence());
    writeField(json, "alternatives", event.alternatives());
    writeField(json, "reasoning", event.reasoning());
    writeField(json, "routing_time_ms", event.routingTimeMillis());
    writeField(json, "cache_hit", event.cacheHit());
  }

  static void writeText(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    writeField(json, name, value == null ? null : value.toString());
  }

  static void writeField(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    if (value == null || (value instanceof Double number && !Double.isFinite(number))) {
      return;
    }
    json.writeFieldName(name);
    JsonWriter.write(json, value);
  }
}

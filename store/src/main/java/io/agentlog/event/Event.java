package io.agentlog.event;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event of an execution, as a reader decodes it from the journal. Immutable. Texts are clean
 * (no NUL, no lone surrogate) and cut to their limits; a changed text is flagged in the metadata.
 *
 * <p>{@code (executionId, seq)} identifies an event for ever; a replay carries the same pair.
 */
public sealed interface Event {
  /** The fields that every event carries. */
  EventHeader header();

  /** The wire name of this event's type. */
  EventType type();

  /** The kind of call that an execution records. */
  enum Kind {
    /** A call of an annotated or ruled method. */
    METHOD(0, "method");

    private final int code;
    private final String wireName;

    Kind(int code, String wireName) {
      this.code = code;
      this.wireName = wireName;
    }

    /** Code in a journal record, never reused; records older than kinds have 0. */
    public int code() {
      return code;
    }

    /** Name in JSON and in the table. */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * The execution has started.
   *
   * @param kind null if unknown, as in lines of another logger
   * @param prompt as given, or cut; null if there is no prompt or the policy withholds it
   * @param promptLength code points of the prompt as given, even if it is withheld; null without a
   *     prompt
   * @param promptSha256 64 hexadecimal digits, of the prompt as kept; null without a prompt, or if
   *     the policy withholds the hash too
   * @param parentExecutionId of the enclosing execution, or null
   * @param metadata from annotations, with the flags of the fields above; immutable JSON values
   */
  record Started(
      EventHeader header,
      @Nullable Kind kind,
      @Nullable String prompt,
      @Nullable Integer promptLength,
      @Nullable String promptSha256,
      @Nullable String projectPath,
      @Nullable String projectName,
      @Nullable String claudeSessionId,
      @Nullable String terminalId,
      @Nullable UUID parentExecutionId,
      @Nullable String traceId,
      @Nullable String spanId,
      Map<String, @Nullable Object> metadata)
      implements Event {
    /** A start whose kind is unknown. */
    public Started(
        EventHeader header,
        @Nullable String prompt,
        @Nullable Integer promptLength,
        @Nullable String promptSha256,
        @Nullable String projectPath,
        @Nullable String projectName,
        @Nullable String claudeSessionId,
        @Nullable String terminalId,
        @Nullable UUID parentExecutionId,
        @Nullable String traceId,
        @Nullable String spanId,
        Map<String, @Nullable Object> metadata) {
      this(
          header,
          null,
          prompt,
          promptLength,
          promptSha256,
          projectPath,
          projectName,
          claudeSessionId,
          terminalId,
          parentExecutionId,
          traceId,
          spanId,
          metadata);
    }

    @Override
    public EventType type() {
      return EventType.STARTED;
    }
  }

  /**
   * The execution has reached a stage.
   *
   * @param stage not empty
   * @param percent 0 to 100, or null if not known
   * @param stageMetadata of this stage alone; immutable JSON values
   * @param metadata the complete {@code CurrentExecution} map at the moment {@code seq} was taken
   */
  record Progress(
      EventHeader header,
      String stage,
      @Nullable Integer percent,
      Map<String, @Nullable Object> stageMetadata,
      Map<String, @Nullable Object> metadata)
      implements Event {
    @Override
    public EventType type() {
      return EventType.PROGRESS;
    }
  }

  /**
   * The execution has ended, at the header's time.
   *
   * @param end the real end, or the kind of provisional end
   * @param quality 0.0 to 1.0, or null
   * @param metadata the complete {@code CurrentExecution} map with the values read from the result;
   *     empty on a provisional end
   * @param durationMicros from start to end, at least 0: the header's elapsed time, or the duration
   *     that an imported log measured itself; null if an imported log has none
   */
  record Completed(
      EventHeader header,
      Status status,
      End end,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable Double quality,
      Map<String, @Nullable Object> metadata,
      @Nullable Long durationMicros)
      implements Event {
    /** An end whose duration is the header's elapsed time. */
    public Completed(
        EventHeader header,
        Status status,
        End end,
        @Nullable String errorType,
        @Nullable String errorMessage,
        @Nullable Double quality,
        Map<String, @Nullable Object> metadata) {
      this(header, status, end, errorType, errorMessage, quality, metadata, header.elapsedMicros());
    }

    @Override
    public EventType type() {
      return EventType.COMPLETED;
    }
  }

  /**
   * A router has decided, inside an execution. Adds no metadata to it.
   *
   * @param id made at capture, version 7
   * @param userRequest the text that was routed: the execution's prompt as kept
   * @param alternatives a JSON value, usually a list; or null
   * @param routingTimeMillis how long the annotated method ran
   */
  record RoutingDecision(
      EventHeader header,
      UUID id,
      @Nullable String userRequest,
      @Nullable String userRequestSha256,
      @Nullable String selectedAgent,
      @Nullable Double confidence,
      @Nullable String strategy,
      @Nullable Double triggerConfidence,
      @Nullable Double contextConfidence,
      @Nullable Double capabilityConfidence,
      @Nullable Double historicalConfidence,
      @Nullable Object alternatives,
      @Nullable String reasoning,
      @Nullable Integer routingTimeMillis,
      @Nullable Boolean cacheHit)
      implements Event {
    @Override
    public EventType type() {
      return EventType.ROUTING_DECISION;
    }
  }
}

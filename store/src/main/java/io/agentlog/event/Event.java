package io.agentlog.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event of an execution, as a reader decodes it from the journal. Immutable. Texts are clean
 * (no NUL, no lone surrogate) and cut to their limits; a changed text is flagged in the metadata.
 *
 * <p>{@code (executionId, seq)} identifies an event for ever; a replay carries the same pair. Only
 * a {@link FileHash} shares the pair of another event, its operation's; see {@link #eventId()}.
 */
public sealed interface Event {
  /** The fields that every event carries. */
  EventHeader header();

  /** The wire name of this event's type. */
  EventType type();

  /**
   * Identifies the event for consumers of more than one topic: {@code execution_id:seq}, and {@code
   * operation_id:hash} for a {@link FileHash}, which has the {@code seq} of its operation.
   */
  default String eventId() {
    return header().eventId();
  }

  /**
   * Totals that the execution has used until this event; null if the event does not tell. Of two
   * events that tell, the one with the higher {@code seq} holds.
   */
  default @Nullable UsageTotals totals() {
    return null;
  }

  /** The kind of call that an execution records. */
  enum Kind {
    /** A call of an annotated or ruled method. */
    METHOD(0, "method"),
    /** A call of a service that a framework made of an interface. */
    AI_SERVICE(1, "ai_service"),
    /** A run of an agent in a system of agents. */
    AGENT(2, "agent"),
    /** A call of a chat client. */
    CHAT_CLIENT(3, "chat_client");

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
   * @param rootExecutionId of the outermost one; null if that is this execution, or unknown
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
      @Nullable UUID rootExecutionId,
      @Nullable String traceId,
      @Nullable String spanId,
      Map<String, @Nullable Object> metadata)
      implements Event {
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
      Map<String, @Nullable Object> metadata,
      @Nullable UsageTotals totals)
      implements Event {
    /** A stage of an execution that calls no models. */
    public Progress(
        EventHeader header,
        String stage,
        @Nullable Integer percent,
        Map<String, @Nullable Object> stageMetadata,
        Map<String, @Nullable Object> metadata) {
      this(header, stage, percent, stageMetadata, metadata, null);
    }

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
   * @param totals null on a provisional end: those of the event before hold, until the real end
   */
  record Completed(
      EventHeader header,
      Status status,
      End end,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable Double quality,
      Map<String, @Nullable Object> metadata,
      @Nullable Long durationMicros,
      @Nullable UsageTotals totals)
      implements Event {
    /**
     * An end of an execution that called no models, whose duration is the header's elapsed time.
     */
    public Completed(
        EventHeader header,
        Status status,
        End end,
        @Nullable String errorType,
        @Nullable String errorMessage,
        @Nullable Double quality,
        Map<String, @Nullable Object> metadata) {
      this(
          header,
          status,
          end,
          errorType,
          errorMessage,
          quality,
          metadata,
          header.elapsedMicros(),
          null);
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

  /**
   * A prompt with which an execution worked, and the instructions that came with it. A detail:
   * {@link EventType#isDetail}.
   *
   * @param id made at capture, version 7
   * @param prompt as in {@link Started}
   * @param instructions the system message, kept by the same policy as the prompt; null if there
   *     are none or the policy withholds them
   * @param instructionsLength code points of the instructions as given, even if they are withheld;
   *     null without instructions
   * @param instructionsSha256 of the instructions as kept; null without instructions, or if the
   *     policy withholds the hash too
   * @param metadata flags of the fields above; immutable JSON values
   */
  record Prompt(
      EventHeader header,
      UUID id,
      @Nullable String prompt,
      @Nullable Integer promptLength,
      @Nullable String promptSha256,
      @Nullable String instructions,
      @Nullable Integer instructionsLength,
      @Nullable String instructionsSha256,
      Map<String, @Nullable Object> metadata)
      implements Event {
    @Override
    public EventType type() {
      return EventType.PROMPT;
    }
  }

  /**
   * An operation on a file, inside an execution. Never holds content. A detail.
   *
   * @param id made at capture, version 7
   * @param path null if the policy keeps its hash alone
   * @param pathSha256 of the path before it was cut, 64 hexadecimal digits
   * @param sizeBytes of the file at the end of the operation; null if not known, as are the next
   * @param sha256Before of the content before the operation, if it was read before the operation
   * @param tool name of the stage in which it happened, or null
   * @param isSuccess false if the call threw or returned false
   * @param durationMicros from open to close
   * @param parameters how the file was opened; immutable JSON values
   * @param metadata flags, and what else is known; immutable JSON values
   */
  record FileOperation(
      EventHeader header,
      UUID id,
      FileOperationType operation,
      @Nullable String path,
      String pathSha256,
      @Nullable Long sizeBytes,
      @Nullable Long bytesRead,
      @Nullable Long bytesWritten,
      @Nullable String sha256Before,
      @Nullable String tool,
      boolean isSuccess,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable Long durationMicros,
      Map<String, @Nullable Object> parameters,
      Map<String, @Nullable Object> metadata)
      implements Event {
    @Override
    public EventType type() {
      return EventType.FILE_OPERATION;
    }
  }

  /**
   * The hashes of a file's content, computed after the operation on a thread of the agent. Has the
   * header of the operation's event, {@code seq} included. A detail.
   *
   * @param operationId of the {@link FileOperation}
   * @param sha256Before of the content before the operation, or null if it is not known
   * @param sha256After of the content after it, or null; {@code metadata.hash_missing} says why
   * @param metadata immutable JSON values
   */
  record FileHash(
      EventHeader header,
      UUID operationId,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      @Nullable Long sizeBytes,
      Map<String, @Nullable Object> metadata)
      implements Event {
    @Override
    public EventType type() {
      return EventType.FILE_HASH;
    }

    @Override
    public String eventId() {
      return operationId + ":hash";
    }
  }

  /**
   * An item of knowledge that an execution retrieved or applied: a pattern, a document, a schema. A
   * detail.
   *
   * @param id made at capture, version 7
   * @param kind of knowledge, such as {@code pattern}; any text
   * @param source from which it came, such as {@code qdrant}; any text
   * @param itemId of the item in its source
   * @param usageContext what it was used for; any text
   * @param confidence 0.0 to 1.0, or null
   * @param summary the first characters of the item, if the policy keeps them
   * @param rank among the results of its query, from 1
   * @param applied null if not known
   * @param contributed true if it helped the execution, as the application says; else null
   * @param qualityImpact 0.0 to 1.0, as the application says; else null
   * @param metadata immutable JSON values
   */
  record IntelligenceUsage(
      EventHeader header,
      UUID id,
      @Nullable String kind,
      @Nullable String source,
      @Nullable Identifier itemId,
      @Nullable String name,
      @Nullable String collection,
      @Nullable String usageContext,
      @Nullable Double confidence,
      @Nullable String summary,
      @Nullable String query,
      @Nullable Long queryMicros,
      @Nullable Integer rank,
      @Nullable Boolean applied,
      @Nullable Boolean contributed,
      @Nullable Double qualityImpact,
      Map<String, @Nullable Object> metadata)
      implements Event {
    @Override
    public EventType type() {
      return EventType.INTELLIGENCE_USAGE;
    }
  }

  /**
   * A call of a model has ended, at the header's time. A detail, but its totals belong to the
   * execution's row.
   *
   * @param rootExecutionId as in {@link Started}
   */
  record ModelCall(EventHeader header, @Nullable UUID rootExecutionId, ModelCallValues values)
      implements Event {
    @Override
    public EventType type() {
      return EventType.MODEL_CALL;
    }

    @Override
    public UsageTotals totals() {
      return values.totals();
    }

    /** The time at which the call began: its end less its duration. */
    public Instant startedAt() {
      return header.occurredAt().minus(values.durationMicros(), ChronoUnit.MICROS);
    }
  }
}

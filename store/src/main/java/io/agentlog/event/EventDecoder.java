package io.agentlog.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.event.Event.Kind;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decodes events of {@link EventEncoder} on a reader's thread: cleans texts, derives identifiers
 * and hashes, and flags cut or cleaned texts in the metadata. Thread-safe.
 */
public final class EventDecoder {
  private final InstanceFacts facts;

  /** Decodes events of one JVM. */
  public EventDecoder(InstanceFacts facts) {
    this.facts = facts;
  }

  /**
   * Decodes one record.
   *
   * @throws IllegalArgumentException if the bytes are not an event of a known format; nothing is
   *     guessed
   */
  public Event decode(byte[] record) {
    try {
      EventReader reader = new EventReader(record);
      Map<String, @Nullable Object> flags = new LinkedHashMap<>();
      EventType type = constant(EventType.values(), EventType::code, reader.type(), "event type");
      EventHeader header = header(reader, flags);
      Event event =
          switch (type) {
            case STARTED -> started(reader, header, flags);
            case PROGRESS -> progress(reader, header);
            case COMPLETED -> completed(reader, header);
            case ROUTING_DECISION -> decision(reader, header);
            case MODEL_CALL -> UsageDecoder.modelCall(reader, header);
            case PROMPT -> DetailDecoder.prompt(reader, header);
            case FILE_OPERATION -> DetailDecoder.fileOperation(reader, header);
            case FILE_HASH -> DetailDecoder.fileHash(reader, header);
            case INTELLIGENCE_USAGE -> DetailDecoder.intelligence(reader, header);
          };
      reader.requireEnd();
      return event;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "record of " + record.length + " bytes ends inside a field", e);
    }
  }

  /**
   * Decodes only the type and the header of one record, not the fields that may be large.
   *
   * @throws IllegalArgumentException if the bytes are not an event of a known format
   */
  public EventSummary summary(byte[] record) {
    try {
      EventReader reader = new EventReader(record);
      EventType type = constant(EventType.values(), EventType::code, reader.type(), "event type");
      return new EventSummary(type, header(reader, new LinkedHashMap<>()));
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "record of " + record.length + " bytes ends inside a field", e);
    }
  }

  private EventHeader header(EventReader reader, Map<String, @Nullable Object> flags) {
    int seq = reader.seq();
    UUID id = reader.executionId();
    long startedAt = reader.startedAtMicros();
    long elapsed = reader.elapsedNanos();
    String agent = reader.text("agent_name", flags);
    Identifier correlation = reader.identifier("correlation_id", flags);
    Identifier session = reader.identifier("session_id", flags);
    if (agent == null || correlation == null) {
      throw new IllegalArgumentException("an event without agent name or correlation ID");
    }
    return new EventHeader(
        id,
        seq,
        startedAt,
        elapsed,
        agent,
        correlation,
        session == null ? Identifier.of(facts.instanceId()) : session,
        facts.instanceId());
  }

  private Event started(
      EventReader reader, EventHeader header, Map<String, @Nullable Object> flags) {
    Kind kind = kind(reader.spare());
    Identifier parent = reader.identifier("parent_execution_id", flags);
    Identifier root = reader.hasUsage() ? reader.identifier("root_execution_id", flags) : null;
    String projectPath = reader.text("project_path", flags);
    String projectName = reader.text("project_name", flags);
    String claudeSessionId = reader.text("claude_session_id", flags);
    String terminalId = reader.text("terminal_id", flags);
    String traceId = reader.text("trace_id", flags);
    String spanId = reader.text("span_id", flags);
    Map<String, @Nullable Object> metadata = reader.map();
    int promptLength = reader.intValue();
    int rawCodePoints = reader.codePointsOfNextText();
    String prompt = reader.text("user_prompt", flags);
    boolean withheld = Wire.isWithheld(promptLength);
    int lengthOfText = promptLength == Wire.LENGTH_OF_TEXT ? rawCodePoints : promptLength;
    int lengthGiven = withheld ? Wire.lengthOfWithheld(promptLength) : lengthOfText;
    return new Event.Started(
        header,
        kind,
        withheld ? null : prompt,
        prompt == null && !withheld ? null : Integer.valueOf(lengthGiven),
        withheld || prompt == null ? prompt : sha256(prompt),
        projectPath == null ? facts.projectPath() : projectPath,
        projectName == null ? facts.projectName() : projectName,
        claudeSessionId == null ? facts.claudeSessionId() : claudeSessionId,
        terminalId == null ? facts.terminalId() : terminalId,
        parent == null ? null : parent.id(),
        root == null ? null : root.id(),
        traceId,
        spanId,
        joined(metadata, flags));
  }

  private static Event progress(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    int percent = reader.intValue();
    String stage = reader.text("stage", flags);
    Map<String, @Nullable Object> stageMetadata = reader.map();
    Map<String, @Nullable Object> metadata = reader.map();
    if (stage == null) {
      throw new IllegalArgumentException("a progress event without a stage");
    }
    return new Event.Progress(
        header,
        stage,
        percent < 0 ? null : percent,
        joined(stageMetadata, flags),
        metadata,
        UsageDecoder.totals(reader));
  }

  private static Event completed(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    Status status = constant(Status.values(), Status::code, reader.byteValue(), "status");
    End end = constant(End.values(), End::bit, reader.byteValue(), "end");
    double quality = reader.doubleValue();
    String errorType = reader.text("error_type", flags);
    String errorMessage = reader.text("error_message", flags);
    Map<String, @Nullable Object> metadata = reader.map();
    return new Event.Completed(
        header,
        status,
        end,
        errorType,
        errorMessage,
        Double.isNaN(quality) ? null : quality,
        end.isProvisional() ? Map.of() : joined(metadata, flags),
        header.elapsedMicros(),
        UsageDecoder.totals(reader));
  }

  private static Event decision(EventReader reader, EventHeader header) {
    Map<String, @Nullable Object> unused =
        new LinkedHashMap<>(); // A decision has no metadata to flag in.
    Identifier id = reader.identifier("id", unused);
    int routingTimeMillis = reader.intValue();
    int flags = reader.byteValue();
    boolean hashed = (flags & Wire.HASHED_REQUEST) != 0;
    int cacheHit = flags & ~Wire.HASHED_REQUEST;
    Double confidence = nullable(reader.doubleValue());
    Double trigger = nullable(reader.doubleValue());
    Double context = nullable(reader.doubleValue());
    Double capability = nullable(reader.doubleValue());
    Double historical = nullable(reader.doubleValue());
    String agent = reader.text("selected_agent", unused);
    String strategy = reader.text("routing_strategy", unused);
    String reasoning = reader.text("reasoning", unused);
    Object alternatives = reader.value();
    String userRequest = reader.text("user_request", unused);
    if (id == null) {
      throw new IllegalArgumentException("a routing decision without an ID");
    }
    return new Event.RoutingDecision(
        header,
        id.id(),
        hashed ? null : userRequest,
        hashed || userRequest == null ? userRequest : sha256(userRequest),
        agent,
        confidence,
        strategy,
        trigger,
        context,
        capability,
        historical,
        alternatives,
        reasoning,
        routingTimeMillis < 0 ? null : routingTimeMillis,
        cacheHit == Wire.CACHE_HIT_UNKNOWN ? null : cacheHit == Wire.CACHE_HIT);
  }

  /** Null for a kind of a later agentlog, so that its start is delivered all the same. */
  private static @Nullable Kind kind(int code) {
    for (Kind kind : Kind.values()) {
      if (kind.code() == code) {
        return kind;
      }
    }
    return null;
  }

  static @Nullable Double nullable(double value) {
    return Double.isNaN(value) ? null : value;
  }

  static <T> T constant(T[] constants, ToIntFunction<T> codeOf, int code, String what) {
    for (T constant : constants) {
      if (codeOf.applyAsInt(constant) == code) {
        return constant;
      }
    }
    throw new IllegalArgumentException("unknown " + what + " " + code);
  }

  static Map<String, @Nullable Object> joined(
      Map<String, @Nullable Object> metadata, Map<String, @Nullable Object> flags) {
    if (flags.isEmpty()) {
      return metadata;
    }
    Map<String, @Nullable Object> joined = new LinkedHashMap<>(metadata);
    joined.putAll(flags);
    return Collections.unmodifiableMap(joined);
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

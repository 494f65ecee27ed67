package io.agentlog.event;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events as {@link Wire} draws them; {@link EventDecoder} is its counterpart. {@link
 * #begin} or {@link #beginNext} begins an event, the other methods add its own fields, and {@link
 * #buffer} holds the result. Allocates only when an event outgrows the buffer.
 *
 * <p>Not thread-safe. Never throws for a value, except {@link OutOfMemoryError}.
 */
public final class EventEncoder {
  private final EventBuffer buffer = new EventBuffer();
  private final int valueBytesMax;
  private final int promptBytesMax;

  /**
   * An encoder with an empty buffer.
   *
   * @param valueBytesMax bytes of a text; a longer one is cut and counted
   * @param promptBytesMax bytes of a prompt; a longer one is cut and counted
   */
  public EventEncoder(int valueBytesMax, int promptBytesMax) {
    this.valueBytesMax = valueBytesMax;
    this.promptBytesMax = promptBytesMax;
  }

  /** The encoded event. */
  public EventBuffer buffer() {
    return buffer;
  }

  /**
   * Begins an event. Overwrites the event before.
   *
   * @param startedAtMicros start of the execution, microseconds since the epoch
   * @param elapsedNanos since that start
   * @param agentName as {@link EventBuffer#encodedText} makes it
   * @param correlation a {@link UUID} or a {@link String}
   * @param session a {@link UUID}, a {@link String}, or null for the JVM's
   */
  public EventEncoder begin(
      EventType type,
      long idHigh,
      long idLow,
      int seq,
      long startedAtMicros,
      long elapsedNanos,
      byte[] agentName,
      Object correlation,
      @Nullable Object session) {
    buffer
        .begin(type, idHigh, idLow, seq, startedAtMicros, elapsedNanos)
        .putEncoded(agentName)
        .putIdentifier(correlation)
        .putIdentifier(session)
        .endCommon();
    return this;
  }

  /**
   * Begins a further event of the last event's execution, whose common fields are still in the
   * buffer.
   *
   * @return false, and begins nothing, if the last event belongs to another execution
   */
  public boolean beginNext(EventType type, long idHigh, long idLow, int seq, long elapsedNanos) {
    return buffer.beginNext(type, idHigh, idLow, seq, elapsedNanos);
  }

  /** Adds the enclosing execution to a started event. */
  public EventEncoder parent(long idHigh, long idLow) {
    buffer.putUuid(idHigh, idLow);
    return this;
  }

  /** Adds to a started event that there is no enclosing execution. */
  public EventEncoder noParent() {
    buffer.putAbsent();
    return this;
  }

  /** Adds the outermost execution to a started event, right after the enclosing one. */
  public EventEncoder root(long idHigh, long idLow) {
    buffer.withUsage().putUuid(idHigh, idLow);
    return this;
  }

  /**
   * Adds to a started event all fields between the enclosing executions and the prompt. {@link
   * #prompt}, {@link #changedPrompt} or {@link #withheldPrompt} must follow.
   */
  public EventEncoder started(
      Event.Kind kind,
      @Nullable String projectPath,
      @Nullable String projectName,
      @Nullable String traceId,
      @Nullable String spanId,
      @Nullable Map<String, @Nullable Object> metadata) {
    buffer
        .setSpare(kind.code())
        .putText(projectPath, valueBytesMax)
        .putText(projectName, valueBytesMax)
        .putAbsent() // claude_session_id: the JVM's.
        .putAbsent() // terminal_id: the JVM's.
        .putText(traceId, valueBytesMax)
        .putText(spanId, valueBytesMax)
        .putMap(metadata);
    return this;
  }

  /** Ends a started event with the prompt as given, or without a prompt. */
  public void prompt(@Nullable String prompt) {
    // The reader can count the code points of a whole prompt, but not of a cut prompt.
    int length =
        prompt != null && EventBuffer.isCut(prompt, promptBytesMax)
            ? prompt.codePointCount(0, prompt.length())
            : Wire.LENGTH_OF_TEXT;
    buffer.putInt(length).putLastText(prompt, promptBytesMax);
  }

  /**
   * Ends a started event with a prompt that a policy changed.
   *
   * @param lengthGiven code points of the prompt as it was given
   */
  public void changedPrompt(String prompt, int lengthGiven) {
    buffer.putInt(lengthGiven).putLastText(prompt, promptBytesMax);
  }

  /**
   * Ends a started event whose prompt is withheld.
   *
   * @param lengthGiven code points of the prompt as it was given
   * @param sha256 of the prompt in hexadecimal digits, or null if the hash is withheld too
   */
  public void withheldPrompt(int lengthGiven, @Nullable String sha256) {
    buffer.putInt(Wire.withheldLength(lengthGiven)).putLastText(sha256, promptBytesMax);
  }

  /** Completes a progress event. A percent below 0 is unknown. */
  public void progress(
      int percent,
      String stage,
      @Nullable Map<String, @Nullable Object> stageMetadata,
      @Nullable Map<String, @Nullable Object> metadata) {
    buffer.putInt(percent).putText(stage, valueBytesMax).putMap(stageMetadata).putMap(metadata);
  }

  /**
   * Completes a progress event. A percent below 0 is unknown.
   *
   * @param stage as {@link EventBuffer#encodedText} makes it
   */
  public void progress(
      int percent,
      byte[] stage,
      @Nullable Map<String, @Nullable Object> stageMetadata,
      @Nullable Map<String, @Nullable Object> metadata) {
    buffer.putInt(percent).putEncoded(stage).putMap(stageMetadata).putMap(metadata);
  }

  /** Completes a completed event. A quality of NaN is unknown. */
  public void completed(
      Status status,
      End end,
      double quality,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable Map<String, @Nullable Object> metadata) {
    buffer
        .putByte(status.code())
        .putByte(end.bit())
        .putDouble(quality)
        .putText(errorType, valueBytesMax)
        .putText(errorMessage, valueBytesMax)
        .putMap(metadata);
  }

  /** Ends a completed progress or completed event with totals; without any it stays as it is. */
  public void totals(@Nullable UsageTotals totals) {
    if (totals != null) {
      buffer.withUsage();
      putTotals(totals);
    }
  }

  private void putTotals(UsageTotals totals) {
    buffer
        .putInt(totals.modelCalls())
        .putInt(totals.toolCalls())
        .putTokens(totals.tokens())
        .putKnown(totals.costNanos())
        .putText(totals.model(), valueBytesMax)
        .putText(totals.currency(), valueBytesMax);
  }

  /**
   * Completes a model's call.
   *
   * @param root as {@link Event.Started#rootExecutionId}
   */
  public void modelCall(@Nullable UUID root, ModelCallValues values) {
    buffer
        .withUsage()
        .putIdentifier(root)
        .putByte(values.isStreaming() ? 1 : 0)
        .putLong(values.durationMicros())
        .putLong(values.firstTokenMicros())
        .putTokens(values.tokens())
        .putKnown(values.costNanos())
        .putText(values.framework(), valueBytesMax)
        .putText(values.provider(), valueBytesMax)
        .putText(values.requestModel(), valueBytesMax)
        .putText(values.responseModel(), valueBytesMax)
        .putText(values.finishReason(), valueBytesMax)
        .putText(values.errorType(), valueBytesMax)
        .putText(values.errorMessage(), valueBytesMax)
        .putText(values.currency(), valueBytesMax)
        .putText(values.priceVersion(), valueBytesMax)
        .putMap(values.metadata());
    putTotals(values.totals());
  }

  /**
   * Completes a routing decision. Records the cache hit as unknown.
   *
   * @param request the prompt, or its SHA-256 in hexadecimal digits, or null
   * @param isHash true if {@code request} is the SHA-256
   */
  public void decision(UUID id, DecisionValues values, @Nullable String request, boolean isHash) {
    buffer
        .putIdentifier(id)
        .putInt(values.routingTimeMillis())
        .putByte(isHash ? Wire.CACHE_HIT_UNKNOWN | Wire.HASHED_REQUEST : Wire.CACHE_HIT_UNKNOWN)
        .putDouble(values.confidence())
        .putDouble(values.trigger())
        .putDouble(values.context())
        .putDouble(values.capability())
        .putDouble(values.historical())
        .putText(values.agent(), valueBytesMax)
        .putText(values.strategy(), valueBytesMax)
        .putText(values.reasoning(), valueBytesMax)
        .putValue(values.alternatives())
        .putLastText(request, promptBytesMax);
  }

  /**
   * Completes a prompt event.
   *
   * @param prompt null without a prompt
   * @param instructions null without instructions
   */
  public void prompt(
      UUID id,
      @Nullable KeptText prompt,
      @Nullable KeptText instructions,
      Map<String, @Nullable Object> metadata) {
    buffer.putIdentifier(id).putMap(metadata);
    putKept(prompt);
    putKept(instructions);
  }

  private void putKept(@Nullable KeptText kept) {
    if (kept == null) {
      buffer.putAbsent();
      return;
    }
    int bytesMax = Math.min(promptBytesMax, Wire.KEPT_BYTES_MAX);
    String text = kept.text();
    buffer.putByte(Wire.TRUE);
    if (text == null) {
      buffer.putInt(Wire.withheldLength(kept.lengthGiven())).putText(kept.sha256(), bytesMax);
      return;
    }
    boolean isCounted = kept.lengthGiven() < 0 && EventBuffer.isCut(text, bytesMax);
    buffer
        .putInt(isCounted ? text.codePointCount(0, text.length()) : kept.lengthGiven())
        .putText(text, bytesMax);
  }

  /** Completes a file operation. */
  public void fileOperation(UUID id, FileOperationValues values) {
    buffer
        .putIdentifier(id)
        .putByte(values.operation().code())
        .putByte(values.isSuccess() ? 1 : 0)
        .putLong(values.sizeBytes())
        .putLong(values.bytesRead())
        .putLong(values.bytesWritten())
        .putLong(values.durationMicros())
        .putText(values.path(), valueBytesMax)
        .putText(values.pathSha256(), valueBytesMax)
        .putText(values.sha256Before(), valueBytesMax)
        .putText(values.tool(), valueBytesMax)
        .putText(values.errorType(), valueBytesMax)
        .putText(values.errorMessage(), valueBytesMax)
        .putMap(values.parameters())
        .putMap(values.metadata());
  }

  /**
   * Completes the hashes of a file operation.
   *
   * @param sizeBytes below 0 if not known
   */
  public void fileHash(
      UUID operationId,
      long sizeBytes,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      Map<String, @Nullable Object> metadata) {
    buffer
        .putIdentifier(operationId)
        .putLong(sizeBytes)
        .putText(sha256Before, valueBytesMax)
        .putText(sha256After, valueBytesMax)
        .putMap(metadata);
  }

  /** Completes the use of an item of knowledge. */
  public void intelligence(UUID id, IntelligenceValues values) {
    buffer
        .putIdentifier(id)
        .putByte(flag(values.applied()))
        .putByte(flag(values.contributed()))
        .putInt(values.rank())
        .putLong(values.queryMicros())
        .putDouble(values.confidence())
        .putDouble(values.qualityImpact())
        .putIdentifier(values.itemId())
        .putText(values.kind(), valueBytesMax)
        .putText(values.source(), valueBytesMax)
        .putText(values.name(), valueBytesMax)
        .putText(values.collection(), valueBytesMax)
        .putText(values.usageContext(), valueBytesMax)
        .putText(values.summary(), valueBytesMax)
        .putText(values.query(), valueBytesMax)
        .putMap(values.metadata());
  }

  private static int flag(@Nullable Boolean value) {
    if (value == null) {
      return Wire.UNKNOWN;
    }
    return value ? Wire.YES : Wire.NO;
  }
}

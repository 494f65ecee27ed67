package io.agentlog.agent.capture;

import io.agentlog.agent.journal.Journal;
import io.agentlog.event.End;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.EventType;
import io.agentlog.log.Counters;
import io.agentlog.log.Counters.Counter;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events and appends them to the journal, on the thread they happen on. Thread-safe; never
 * waits. What the journal does not take, it counts.
 */
final class EventRecorder {
  private final Journal journal;
  private final Counters counters;
  private final CaptureLimits limits;
  private final EventBuffers buffers = new EventBuffers();

  EventRecorder(Journal journal, Counters counters, CaptureLimits limits) {
    this.journal = journal;
    this.counters = counters;
    this.limits = limits;
  }

  /** Returns false if the journal did not take it. */
  boolean started(
      Execution execution,
      int seq,
      @Nullable String projectPath,
      @Nullable String projectName,
      TraceParent trace,
      Map<String, @Nullable Object> metadata) {
    String prompt = execution.prompt;
    // Only a cut prompt's length has to be counted here: of the others the reader sees all.
    int lengthGiven =
        prompt != null && EventBuffer.isCut(prompt, limits.promptBytes())
            ? prompt.codePointCount(0, prompt.length())
            : -1;
    KeptPrompt kept = execution.keptPrompt;
    if (kept != null) {
      lengthGiven = kept.text() == null ? -2 - kept.lengthGiven() : kept.lengthGiven();
    }
    EventBuffer buffer = begin(execution, EventType.STARTED, seq, 0);
    Execution parent = execution.parent;
    if (parent == null) {
      buffer.putAbsent();
    } else {
      buffer.putUuid(parent.idHigh, parent.idLow);
    }
    buffer
        .putText(projectPath, limits.valueBytes())
        .putText(projectName, limits.valueBytes())
        .putAbsent() // claude_session_id: the instance's
        .putAbsent() // terminal_id: the instance's
        .putText(trace.traceId(), limits.valueBytes())
        .putText(trace.spanId(), limits.valueBytes())
        .putMap(metadata)
        .putInt(lengthGiven)
        .putLastText(promptOrHash(execution), limits.promptBytes());
    return append(execution.stripe, buffer);
  }

  void progress(
      Execution execution,
      int seq,
      long elapsedNanos,
      Stage stage,
      @Nullable Map<String, @Nullable Object> stageMetadata,
      Map<String, @Nullable Object> metadata) {
    EventBuffer buffer =
        begin(execution, EventType.PROGRESS, seq, elapsedNanos).putInt(stage.percent);
    if (stage.encodedName != null) {
      buffer.putEncoded(stage.encodedName);
    } else {
      buffer.putText(stage.name, limits.valueBytes());
    }
    append(execution.stripe, buffer.putMap(stageMetadata).putMap(metadata));
  }

  /** Returns false if the journal did not take it. */
  boolean completed(
      Execution execution,
      int seq,
      long elapsedNanos,
      Outcome outcome,
      double quality,
      Map<String, @Nullable Object> metadata) {
    EventBuffer buffer =
        begin(execution, EventType.COMPLETED, seq, elapsedNanos)
            .putByte(outcome.status().code())
            .putByte(End.COMPLETED.bit())
            .putDouble(quality)
            .putText(outcome.errorType(), limits.valueBytes())
            .putText(outcome.errorMessage(), limits.valueBytes())
            .putMap(metadata);
    return append(execution.stripe, buffer);
  }

  void decision(Execution execution, int seq, long elapsedNanos, UUID id, DecisionValues values) {
    EventBuffer buffer =
        begin(execution, EventType.ROUTING_DECISION, seq, elapsedNanos)
            .putIdentifier(id)
            .putInt(values.routingTimeMillis())
            // cache_hit: not known
            .putByte(hasHash(execution) ? EventBuffer.HASHED_REQUEST : 0)
            .putDouble(values.confidence())
            .putDouble(values.trigger())
            .putDouble(values.context())
            .putDouble(values.capability())
            .putDouble(values.historical())
            .putText(values.agent(), limits.valueBytes())
            .putText(values.strategy(), limits.valueBytes())
            .putText(values.reasoning(), limits.valueBytes())
            .putValue(values.alternatives())
            .putLastText(promptOrHash(execution), limits.promptBytes());
    append(execution.stripe, buffer);
  }

  private static boolean hasHash(Execution execution) {
    return execution.keptPrompt != null && execution.keptPrompt.sha256() != null;
  }

  private static @Nullable String promptOrHash(Execution execution) {
    KeptPrompt kept = execution.keptPrompt;
    return kept != null && kept.text() == null ? kept.sha256() : execution.prompt;
  }

  private EventBuffer begin(Execution execution, EventType type, int seq, long elapsedNanos) {
    EventBuffer buffer = buffers.take(execution.stripe);
    long elapsed = Math.max(0, elapsedNanos);
    if (buffer.beginNext(type, execution.idHigh, execution.idLow, seq, elapsed)) {
      return buffer;
    }
    return buffer
        .begin(type, execution.idHigh, execution.idLow, seq, execution.startedAtMicros, elapsed)
        .putEncoded(execution.plan.encodedAgentName)
        .putIdentifier(execution.correlation)
        .putIdentifier(execution.session)
        .endCommon();
  }

  private boolean append(int stripe, EventBuffer buffer) {
    boolean taken =
        journal.append(
            stripe,
            buffer.isEssential(),
            buffer.head(),
            buffer.headLength(),
            buffer.tail(),
            buffer.tailLength());
    if (buffer.cutCount() > 0) {
      counters.add(Counter.VALUE_CUT, buffer.cutCount());
    }
    buffers.give(stripe, buffer);
    if (taken) {
      counters.increment(Counter.EVENTS_RECORDED);
    }
    return taken;
  }
}

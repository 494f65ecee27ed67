package io.agentlog.agent.capture;

import io.agentlog.agent.event.End;
import io.agentlog.agent.event.EventBuffer;
import io.agentlog.agent.event.EventType;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.ops.Counters;
import io.agentlog.agent.ops.Counters.Counter;
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

  void started(
      Execution execution,
      int seq,
      @Nullable String projectPath,
      @Nullable String projectName,
      Map<String, @Nullable Object> metadata) {
    String prompt = execution.prompt;
    // Only a cut prompt's length has to be counted here: of the others the reader sees all.
    int lengthGiven =
        prompt != null && EventBuffer.isCut(prompt, limits.promptBytes())
            ? prompt.codePointCount(0, prompt.length())
            : -1;
    EventBuffer buffer = begin(execution, EventType.STARTED, seq, 0);
    Execution parent = execution.parent;
    if (parent == null) {
      buffer.putIdentifier(null);
    } else {
      buffer.putUuid(parent.idHigh, parent.idLow);
    }
    buffer
        .putText(projectPath, limits.valueBytes())
        .putText(projectName, limits.valueBytes())
        .putText(null, 0) // claude_session_id: the instance's
        .putText(null, 0) // terminal_id: the instance's
        .putText(null, 0) // trace_id
        .putText(null, 0) // span_id
        .putValue(metadata)
        .putInt(lengthGiven)
        .putLastText(prompt, limits.promptBytes());
    append(execution.stripe, buffer);
  }

  void progress(
      Execution execution,
      Execution.Numbered numbered,
      long elapsedNanos,
      String stage,
      int percent,
      @Nullable Map<String, @Nullable Object> stageMetadata) {
    EventBuffer buffer =
        begin(execution, EventType.PROGRESS, numbered.seq(), elapsedNanos)
            .putInt(percent)
            .putText(stage, limits.valueBytes())
            .putValue(stageMetadata)
            .putValue(numbered.metadata().entries());
    append(execution.stripe, buffer);
  }

  /** Returns false if the journal did not take it. */
  boolean completed(
      Execution execution,
      int seq,
      long elapsedNanos,
      Outcome outcome,
      @Nullable Double quality,
      Map<String, @Nullable Object> metadata) {
    EventBuffer buffer =
        begin(execution, EventType.COMPLETED, seq, elapsedNanos)
            .putByte(outcome.status().code())
            .putByte(End.COMPLETED.bit())
            .putDouble(quality == null ? Double.NaN : quality)
            .putText(outcome.errorType(), limits.valueBytes())
            .putText(outcome.errorMessage(), limits.valueBytes())
            .putValue(metadata);
    return append(execution.stripe, buffer);
  }

  void decision(Execution execution, int seq, long elapsedNanos, UUID id, DecisionValues values) {
    EventBuffer buffer =
        begin(execution, EventType.ROUTING_DECISION, seq, elapsedNanos)
            .putIdentifier(id)
            .putInt(values.routingTimeMillis())
            .putByte(0) // cache_hit: not known
            .putDouble(values.confidence())
            .putDouble(values.trigger())
            .putDouble(values.context())
            .putDouble(values.capability())
            .putDouble(values.historical())
            .putText(values.agent(), limits.valueBytes())
            .putText(values.strategy(), limits.valueBytes())
            .putText(values.reasoning(), limits.valueBytes())
            .putValue(values.alternatives())
            .putLastText(execution.prompt, limits.promptBytes());
    append(execution.stripe, buffer);
  }

  private EventBuffer begin(Execution execution, EventType type, int seq, long elapsedNanos) {
    MethodSpec.ExecutionSpec spec = execution.executionSpec();
    return buffers
        .take(execution.stripe)
        .begin(
            type,
            execution.idHigh,
            execution.idLow,
            seq,
            execution.startedAtMicros,
            Math.max(0, elapsedNanos))
        .putText(spec.agentName(), limits.valueBytes())
        .putIdentifier(execution.correlation)
        .putIdentifier(execution.session);
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

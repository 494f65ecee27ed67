package io.agentlog.agent.capture;

import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.DecisionValues;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.EventEncoder;
import io.agentlog.event.EventType;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the values of an event, has them encoded, and appends the event to the journal, on the
 * thread they happen on. Thread-safe; never waits. What the journal does not take, it counts.
 */
final class EventRecorder {
  private final Journal journal;
  private final Counters counters;
  private final EventEncoders encoders;

  EventRecorder(Journal journal, Counters counters, CaptureLimits limits) {
    this.journal = journal;
    this.counters = counters;
    this.encoders =
        new EventEncoders(() -> new EventEncoder(limits.valueBytes(), limits.promptBytes()));
  }

  /** Returns false if the journal did not take it. */
  boolean started(
      Execution execution,
      @Nullable Execution parent,
      int seq,
      @Nullable String projectPath,
      @Nullable String projectName,
      TraceParent trace,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = begin(execution, EventType.STARTED, seq, 0);
    if (parent == null) {
      encoder.noParent();
    } else {
      encoder.parent(parent.idHigh, parent.idLow);
    }
    encoder.started(
        Event.Kind.METHOD, projectPath, projectName, trace.traceId(), trace.spanId(), metadata);
    if (!(execution.prompt instanceof KeptPrompt kept)) {
      encoder.prompt((String) execution.prompt);
    } else {
      String text = kept.text();
      if (text == null) {
        encoder.withheldPrompt(kept.lengthGiven(), kept.sha256());
      } else {
        encoder.changedPrompt(text, kept.lengthGiven());
      }
    }
    return append(execution.stripe, encoder);
  }

  void progress(
      Execution execution,
      int seq,
      long elapsedNanos,
      Stage stage,
      @Nullable Map<String, @Nullable Object> stageMetadata,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = begin(execution, EventType.PROGRESS, seq, elapsedNanos);
    if (stage.encodedName != null) {
      encoder.progress(stage.percent, stage.encodedName, stageMetadata, metadata);
    } else {
      encoder.progress(stage.percent, stage.name, stageMetadata, metadata);
    }
    append(execution.stripe, encoder);
  }

  /** Returns false if the journal did not take it. */
  boolean completed(
      Execution execution,
      int seq,
      long elapsedNanos,
      Outcome outcome,
      double quality,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = begin(execution, EventType.COMPLETED, seq, elapsedNanos);
    encoder.completed(
        outcome.status(),
        End.COMPLETED,
        quality,
        outcome.errorType(),
        outcome.errorMessage(),
        metadata);
    return append(execution.stripe, encoder);
  }

  void decision(
      Execution execution,
      int seq,
      long elapsedNanos,
      UUID id,
      DecisionValues values,
      @Nullable Object prompt) {
    EventEncoder encoder = begin(execution, EventType.ROUTING_DECISION, seq, elapsedNanos);
    if (!(prompt instanceof KeptPrompt kept)) {
      encoder.decision(id, values, (String) prompt, false);
    } else if (kept.text() != null) {
      encoder.decision(id, values, kept.text(), false);
    } else {
      encoder.decision(id, values, kept.sha256(), kept.sha256() != null);
    }
    append(execution.stripe, encoder);
  }

  private EventEncoder begin(Execution execution, EventType type, int seq, long elapsedNanos) {
    EventEncoder encoder = encoders.take(execution.stripe);
    long elapsed = Math.max(0, elapsedNanos);
    if (encoder.beginNext(type, execution.idHigh, execution.idLow, seq, elapsed)) {
      return encoder;
    }
    return encoder.begin(
        type,
        execution.idHigh,
        execution.idLow,
        seq,
        execution.startedAtMicros,
        elapsed,
        execution.plan.encodedAgentName,
        execution.correlation,
        execution.session);
  }

  private boolean append(int stripe, EventEncoder encoder) {
    EventBuffer buffer = encoder.buffer();
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
    encoders.give(stripe, encoder);
    if (taken) {
      counters.increment(Counter.EVENTS_RECORDED);
    }
    return taken;
  }
}

package io.agentlog.agent.capture;

import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.DecisionValues;
import io.agentlog.event.End;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.EventEncoder;
import io.agentlog.event.EventType;
import io.agentlog.event.FileOperationValues;
import io.agentlog.event.IntelligenceValues;
import io.agentlog.event.KeptText;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.UsageTotals;
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
      int seq,
      @Nullable String projectPath,
      @Nullable String projectName,
      TraceParent trace,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = begin(execution, EventType.STARTED, seq, 0);
    ExecutionLink parent = execution.parent;
    UUID root = parent == null ? null : parent.rootOfInner;
    if (parent == null || root == null) {
      encoder.noParent();
    } else {
      encoder
          .parent(parent.idHigh, parent.idLow)
          .root(root.getMostSignificantBits(), root.getLeastSignificantBits());
    }
    encoder.started(
        execution.kind(), projectPath, projectName, trace.traceId(), trace.spanId(), metadata);
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
      ExecutionMetadata ofExecution) {
    EventEncoder encoder = begin(execution, EventType.PROGRESS, seq, elapsedNanos);
    Map<String, @Nullable Object> metadata = ofExecution.entries();
    if (stage.encodedName != null) {
      encoder.progress(stage.percent, stage.encodedName, stageMetadata, metadata);
    } else {
      encoder.progress(stage.percent, stage.name, stageMetadata, metadata);
    }
    encoder.totals(ofExecution.usage());
    append(execution.stripe, encoder);
  }

  /** Returns false if the journal did not take it. */
  boolean completed(
      Execution execution,
      int seq,
      long elapsedNanos,
      Outcome outcome,
      double quality,
      Map<String, @Nullable Object> metadata,
      @Nullable UsageTotals usage) {
    EventEncoder encoder = begin(execution, EventType.COMPLETED, seq, elapsedNanos);
    encoder.completed(
        outcome.status(),
        End.COMPLETED,
        quality,
        outcome.errorType(),
        outcome.errorMessage(),
        metadata);
    encoder.totals(usage);
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

  /** Records a model's call; false if the journal did not take it. */
  boolean modelCall(Execution execution, int seq, long elapsedNanos, ModelCallValues values) {
    EventEncoder encoder = begin(execution, EventType.MODEL_CALL, seq, elapsedNanos);
    encoder.modelCall(execution.root(), values);
    return append(execution.stripe, encoder);
  }

  /** Records a prompt; false if the journal did not take it. */
  boolean prompt(
      Execution execution,
      int seq,
      long elapsedNanos,
      UUID id,
      @Nullable KeptText prompt,
      @Nullable KeptText instructions,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = begin(execution, EventType.PROMPT, seq, elapsedNanos);
    encoder.prompt(id, prompt, instructions, metadata);
    return append(execution.stripe, encoder);
  }

  /** Records a file operation; false if the journal did not take it. */
  boolean fileOperation(
      Execution execution, int seq, long elapsedNanos, UUID id, FileOperationValues values) {
    EventEncoder encoder = begin(execution, EventType.FILE_OPERATION, seq, elapsedNanos);
    encoder.fileOperation(id, values);
    return append(execution.stripe, encoder);
  }

  /** Records the use of an item of knowledge; false if the journal did not take it. */
  boolean intelligence(
      Execution execution, int seq, long elapsedNanos, UUID id, IntelligenceValues values) {
    EventEncoder encoder = begin(execution, EventType.INTELLIGENCE_USAGE, seq, elapsedNanos);
    encoder.intelligence(id, values);
    return append(execution.stripe, encoder);
  }

  /**
   * Records hashes that became known after their operation; false if the journal did not take them.
   * The execution may have ended.
   *
   * @param origin of the operation's event
   */
  boolean fileHash(
      EventOrigin origin,
      UUID operationId,
      long sizeBytes,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      Map<String, @Nullable Object> metadata) {
    EventEncoder encoder = encoders.take(origin.stripe());
    encoder
        .begin(
            EventType.FILE_HASH,
            origin.idHigh(),
            origin.idLow(),
            origin.seq(),
            origin.startedAtMicros(),
            origin.elapsedNanos(),
            origin.encodedAgentName(),
            origin.correlation(),
            origin.session())
        .fileHash(operationId, sizeBytes, sha256Before, sha256After, metadata);
    return append(origin.stripe(), encoder);
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
    if (buffer.hasUsage()) {
      journal.holdUsage();
    }
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

package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.ToolCall;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A tool's call that is recorded. A model that the tool calls is not the one that called the tool:
 * both count their tokens. Thread-safe.
 */
final class RecordedToolCall extends ThreadFrame implements ToolCall {
  private static final AtomicIntegerFieldUpdater<RecordedToolCall> ENDED =
      AtomicIntegerFieldUpdater.newUpdater(RecordedToolCall.class, "ended");

  private final FrameworkRuns runs;
  final Execution execution;

  /** {@code tool:NAME}. */
  final String stage;

  final @Nullable String callId;
  final long startNanos;

  /** True if the limit left the call's events out; it counts in the totals all the same. */
  final boolean isOmitted;

  @SuppressWarnings("UnusedVariable") // The updater reads it.
  private volatile int ended;

  RecordedToolCall(
      FrameworkRuns runs,
      Execution execution,
      String stage,
      @Nullable String callId,
      boolean isOmitted,
      long now) {
    this.runs = runs;
    this.execution = execution;
    this.stage = stage;
    this.callId = callId;
    this.isOmitted = isOmitted;
    this.startNanos = now;
  }

  @Override
  public void end(@Nullable Object result, @Nullable String errorType) {
    if (ENDED.compareAndSet(this, 0, 1)) {
      runs.frames.close(this);
      runs.endTool(this, result, errorType);
    }
  }
}

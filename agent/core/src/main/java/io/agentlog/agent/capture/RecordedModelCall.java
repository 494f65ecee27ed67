package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.event.TokenCounts;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** A model's call that is recorded. Thread-safe. */
final class RecordedModelCall extends ThreadFrame implements ModelCall, OpenEnd {
  private static final AtomicIntegerFieldUpdater<RecordedModelCall> ENDED =
      AtomicIntegerFieldUpdater.newUpdater(RecordedModelCall.class, "ended");

  /** The answer of a call that the end of its execution has ended. */
  private static final ModelAnswer OPEN_AT_END =
      new ModelAnswer(null, null, TokenCounts.UNKNOWN, Map.of("open_at_end", true));

  private final FrameworkRuns runs;
  final Execution execution;
  final String framework;
  final @Nullable String provider;
  final @Nullable String model;
  final boolean isStreaming;
  final long startNanos;

  /** True if the limit left the call's events out; it counts in the totals all the same. */
  final boolean isOmitted;

  /** The model, while the thread is in its method. */
  private volatile @Nullable Object receiver;

  /** Elapsed time of the first token; -1 if none came. */
  private volatile long firstTokenNanos = -1;

  private volatile boolean isDelegated;

  /** True if its execution knows that it goes on elsewhere. */
  private volatile boolean isLeftOpen;

  private volatile int ended;

  RecordedModelCall(
      FrameworkRuns runs,
      Execution execution,
      ModelRequest request,
      @Nullable String provider,
      @Nullable String model,
      boolean isOmitted,
      long now) {
    this.runs = runs;
    this.execution = execution;
    this.framework = request.framework();
    this.provider = provider;
    this.model = model;
    this.isStreaming = request.isStreaming();
    this.receiver = request.receiver();
    this.isOmitted = isOmitted;
    this.startNanos = now;
  }

  boolean isOf(Execution other, Object model) {
    return execution == other && receiver == model;
  }

  @Override
  public long beganNanos() {
    return startNanos;
  }

  @Override
  public @Nullable Object enter() {
    return runs.enter(execution);
  }

  @Override
  public void leave(@Nullable Object entered) {
    runs.leave(entered);
  }

  @Override
  public void delegate() {
    isDelegated = true;
  }

  boolean isDelegated() {
    return isDelegated;
  }

  /** Returns the time from the begin to the first token in microseconds; -1 if none came. */
  long firstTokenMicros() {
    long nanos = firstTokenNanos;
    return nanos < 0 ? -1 : nanos / 1_000;
  }

  @Override
  public void firstToken() {
    if (firstTokenNanos < 0) { // A race costs the difference of two threads.
      firstTokenNanos = Math.max(0, System.nanoTime() - startNanos);
    }
  }

  @Override
  public void leave() {
    if (ended == 0) {
      execution.pendingEnds().removeGone();
      execution.pendingEnds().put(this, true);
      isLeftOpen = true;
    }
    close();
  }

  private void close() {
    runs.frames.close(this);
    receiver = null;
  }

  /** Ends it, because its execution ends. */
  @Override
  public void settle(@Nullable Throwable thrown) {
    end(OPEN_AT_END, thrown);
  }

  @Override
  public void end(@Nullable ModelAnswer answer, @Nullable Throwable thrown) {
    if (ENDED.compareAndSet(this, 0, 1)) {
      close();
      if (isLeftOpen) {
        execution.pendingEnds().remove(this);
      }
      runs.endModel(this, answer, thrown);
    }
  }
}

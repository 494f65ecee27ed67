package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.Run;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A framework's run that is a stage of the annotated execution around it, because the user wants no
 * row for it. Models and tools that it calls are that execution's. Thread-safe.
 */
final class StageRun implements Run {
  private static final AtomicIntegerFieldUpdater<StageRun> STARTED =
      AtomicIntegerFieldUpdater.newUpdater(StageRun.class, "started");
  private static final AtomicIntegerFieldUpdater<StageRun> ENDED =
      AtomicIntegerFieldUpdater.newUpdater(StageRun.class, "ended");

  private final FrameworkRuns runs;
  private final ExecutionLink around;
  private final UUID id;
  private final String agentName;

  /** {@code KIND:NAME}. */
  final String stage;

  final long startNanos;

  private volatile int started;

  private volatile int ended;

  /** The frame of the thread that has begun it; null if it runs elsewhere, and once left. */
  private volatile @Nullable Frame begun;

  StageRun(FrameworkRuns runs, Execution around, String stage, String agentName, long now) {
    this.runs = runs;
    this.around = around.link();
    this.id = around.id();
    this.stage = stage;
    this.agentName = agentName;
    this.startNanos = now;
  }

  /** The thread is in a run. */
  static final class Frame extends ThreadFrame {
    final StageRun run;

    Frame(StageRun run) {
      this.run = run;
    }
  }

  /** Argument of {@link #leave}. */
  private record Entered(Frame frame, @Nullable Object before) {}

  /** Takes note that the calling thread works in the method that has begun it. */
  void beginHere() {
    Frame frame = new Frame(this);
    begun = frame;
    runs.frames.open(frame);
  }

  boolean isIn(Execution execution) {
    return around.refersTo(execution);
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public String agentName() {
    return agentName;
  }

  @Override
  public boolean isEnded() {
    return ended != 0 || around.running() == null;
  }

  @Override
  public void start(
      @Nullable String prompt,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    Execution execution = around.running();
    if (execution != null && STARTED.compareAndSet(this, 0, 1)) {
      runs.startStage(this, execution, instructions, metadata);
    }
  }

  @Override
  public @Nullable Object enter() {
    Execution execution = around.running();
    if (execution == null) {
      return null;
    }
    Object before = runs.enter(execution);
    Frame frame = new Frame(this);
    runs.frames.open(frame);
    return new Entered(frame, before);
  }

  @Override
  public void leave(@Nullable Object entered) {
    if (entered instanceof Entered own) {
      runs.frames.close(own.frame());
      runs.leave(own.before());
    }
  }

  @Override
  public void leaveBegun() {
    Frame frame = begun;
    if (frame != null) {
      begun = null;
      runs.frames.close(frame);
    }
  }

  @Override
  public void end(@Nullable Throwable thrown, Map<String, @Nullable Object> metadata) {
    leaveBegun();
    Execution execution = around.running();
    if (execution != null && ENDED.compareAndSet(this, 0, 1)) {
      start(null, null, Map.of());
      runs.endStage(this, execution, thrown, metadata);
    }
  }

  @Override
  public void cancel() {
    if (!isEnded()) {
      end(new CancellationException(), Map.of());
    }
  }

  @Override
  public void abandon() {
    if (started != 0) {
      cancel();
    }
  }
}

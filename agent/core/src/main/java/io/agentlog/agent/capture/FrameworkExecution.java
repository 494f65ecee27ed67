package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.event.Event;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * An execution of a framework's agent. Its start is recorded when its prompt is known, or with the
 * first thing that happens in it; one in which nothing happens leaves no trace. Thread-safe.
 */
final class FrameworkExecution extends Execution implements Run {
  /** The value of {@link #begunOn} once the thread has left. */
  private static final long NO_THREAD = 0;

  private final FrameworkRuns runs;
  private final RunStart given;
  private final String agentName;

  /** ID of the thread that still has to go back to what it did before. */
  private volatile long begunOn = NO_THREAD;

  /** How often that thread has entered it again and not left; for that thread alone. */
  private int enteredAgain;

  /**
   * @param given holds nothing of the application but JSON values
   */
  FrameworkExecution(
      FrameworkRuns runs,
      RunStart given,
      FrameworkPlans.RunPlan plan,
      @Nullable Execution parent,
      int stripe,
      long idHigh,
      long idLow,
      long startedAtMicros,
      long startNanos,
      Object correlation,
      @Nullable Object session) {
    super(
        plan.plan(),
        parent,
        null,
        null,
        stripe,
        idHigh,
        idLow,
        startedAtMicros,
        startNanos,
        correlation,
        session,
        null);
    this.runs = runs;
    this.given = given;
    this.agentName = plan.agentName();
  }

  @Override
  public UUID id() {
    return super.id();
  }

  @Override
  public boolean isEnded() {
    return super.isEnded();
  }

  @Override
  Event.Kind kind() {
    return given.kind();
  }

  @Override
  public String agentName() {
    return agentName;
  }

  /** Returns the metadata with which it was begun. */
  Map<String, @Nullable Object> givenMetadata() {
    return given.metadata();
  }

  @Override
  void ensureStarted() {
    if (!hasEvents() && !isEnded()) {
      runs.start(this, null, null, Map.of());
    }
  }

  @Override
  public void start(
      @Nullable String prompt,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    runs.start(this, prompt, instructions, metadata);
  }

  @Override
  public @Nullable Object enter() {
    Object entered = runs.enter(this);
    if (entered != null && isBegunHere()) {
      enteredAgain++;
    }
    return entered;
  }

  @Override
  public void leave(@Nullable Object entered) {
    if (entered != null && isBegunHere()) {
      enteredAgain--;
    }
    runs.leave(entered);
  }

  /** Takes note that the calling thread works in the method that has begun it. */
  void beginHere() {
    begunOn = Thread.currentThread().getId();
  }

  private boolean isBegunHere() {
    return begunOn == Thread.currentThread().getId();
  }

  /**
   * True, once, for the thread that has begun it. Not inside a callback that came on that thread,
   * as of a model that answers before it returns: the thread still goes back to this execution.
   */
  boolean takeBegin() {
    if (!isBegunHere() || enteredAgain > 0) {
      return false;
    }
    begunOn = NO_THREAD;
    return true;
  }

  @Override
  public void leaveBegun() {
    runs.leaveBegun(this);
  }

  @Override
  public void end(@Nullable Throwable thrown, Map<String, @Nullable Object> metadata) {
    runs.end(this, thrown, metadata);
  }

  @Override
  public void cancel() {
    if (isEnded()) {
      runs.leaveBegun(this);
    } else {
      runs.end(this, new CancellationException(), Map.of());
    }
  }

  @Override
  public void abandon() {
    if (hasEvents()) {
      cancel();
    }
  }
}

package io.agentlog.agent.capture;

import io.agentlog.agent.capture.async.AsyncType;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Handles the calls of woven code on the agent's side of the bridge.
 *
 * <p><b>Threads:</b> the application's, any number. <b>Failure:</b> the bridge suppresses and
 * counts what is thrown here. <b>Cost:</b> no lock, no I/O, no logging; the agent's own thread
 * prints messages.
 *
 * <p>A thread's current execution is its innermost running one. None stays after the outermost.
 */
public final class CaptureBridge extends FileBridge {
  private final MethodPlans plans;
  private final Capture capture;
  private final Counters counters;
  private final Faults faults;

  /** Makes a bridge that records no file operations. */
  public CaptureBridge(MethodPlans plans, Capture capture, Counters counters) {
    this(plans, capture, null, counters);
  }

  public CaptureBridge(
      MethodPlans plans, Capture capture, @Nullable FileRecorder files, Counters counters) {
    super(capture.logLines(), files);
    this.plans = plans;
    this.capture = capture;
    this.counters = counters;
    this.faults = new Faults(counters);
  }

  @Override
  protected @Nullable Object onEnter(
      Class<?> type, int planIndex, @Nullable Object self, Object @Nullable [] arguments) {
    // Before the start time is taken: the first call binds the class, which is slow.
    MethodPlan plan = plans.of(type, planIndex);
    if (plan == null || plan.isSwitchedOff() || plan.isResumed(arguments)) {
      return null;
    }
    try {
      return enter(plan, self, arguments);
    } catch (Throwable t) {
      faults.suppressOwn(plan, t);
      return null;
    }
  }

  private @Nullable Object enter(
      MethodPlan plan, @Nullable Object self, Object @Nullable [] arguments) {
    long now = System.nanoTime();
    Execution enclosing = current.get();
    if (enclosing == Execution.READING) {
      return null;
    }
    if (plan.spec.execution() == null) {
      if (enclosing == null) {
        faults.outsideExecution(plan);
        return null;
      }
      if (plans.isCalledByOverride(plan, self)) {
        return null;
      }
      return enterInner(plan, enclosing, self, arguments, now);
    }
    if (plan.continues(enclosing, self, arguments)) {
      return null;
    }
    Execution parent = enclosing == null || enclosing.isEnded() ? null : enclosing;
    return enterExecution(plan, parent, self, arguments, now);
  }

  /**
   * Records the start first and makes the execution current then, so that a thread whose stack ends
   * in between goes on as before.
   */
  private @Nullable Execution enterExecution(
      MethodPlan plan,
      @Nullable Execution parent,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    Execution before = current.ofThread();
    Execution execution = null;
    stack.run(now);
    current.set(Execution.READING);
    try {
      execution = capture.create(plan, parent, self, arguments, now);
      execution.isOutermostOfThread = before == null;
      String project = capture.start(execution, parent, self, arguments);
      startFiles(execution, parent, project);
      enterStage(plan, execution, execution, self, arguments, now);
    } catch (Throwable t) {
      if (execution == null || t instanceof StackOverflowError) {
        goBackTo(before);
        stack.overflowed();
        throw t;
      }
      // Return the token all the same: without its exit the execution would never end.
      current.set(execution);
      faults.suppressOwn(plan, t);
      return execution;
    }
    current.set(execution);
    return execution;
  }

  @Override
  protected @Nullable Object onExit(
      Object token, @Nullable Object result, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    Call call = (Call) token;
    AsyncType async = call.plan.asyncType;
    if (async != null && thrown == null && result != null && async.includes(result)) {
      ExecutionLink around = call instanceof Execution own ? own.parent : executionOf(call).link();
      if (call instanceof Execution left) {
        leave(left);
      }
      PendingEnd end = new PendingEnd(this, call, async, result, around);
      try {
        return end.observe();
      } catch (Throwable t) { // The application's type threw: treat its result as complete.
        suppress(call.plan, t);
        end.succeeded(null);
        return result;
      }
    }
    if (call instanceof Execution left) {
      current.set(Execution.READING);
      try {
        end(call, result, thrown, now);
      } finally {
        leave(left);
      }
    } else {
      endWhileReading(call, result, thrown, now);
    }
    return result;
  }

  /** Records the end of a call; the thread then works for what it works for now. */
  void endWhileReading(Call call, @Nullable Object result, @Nullable Throwable thrown, long now) {
    Execution before = current.ofThread();
    current.set(Execution.READING);
    try {
      end(call, result, thrown, now);
    } finally {
      goBackTo(before);
    }
  }

  /** Makes current what {@code ofThread} returned before. */
  void goBackTo(@Nullable Execution before) {
    if (before == null) {
      current.remove();
    } else {
      current.set(before);
    }
  }

  /** Records the end of a call once its result is there: at return, or later on any thread. */
  private void end(Call call, @Nullable Object result, @Nullable Throwable thrown, long now) {
    Execution execution = executionOf(call);
    try {
      if (call.plan.reportsStageAtExit) {
        capture.stageAtExit(call, execution, result, thrown, now);
      }
      if (call.plan.spec.decision() != null && thrown == null && result != null) {
        capture.decision(call, execution, result, now);
      }
      if (call.plan.spec.intelligence() != null && thrown == null) {
        capture.trace().intelligence(call, execution, result, now);
      }
    } catch (Throwable t) { // The execution must still end.
      faults.suppressOwn(call.plan, t);
    }
    if (call == execution) {
      execution.settlePending(thrown);
      endFiles(execution, now);
      capture.end(execution, result, thrown, now);
      execution.forget();
    }
    call.release();
  }

  static Execution executionOf(Call call) {
    return call instanceof Execution execution ? execution : ((Call.Inner) call).execution;
  }

  /** Makes an execution current on the calling thread; returns the previous one, or null. */
  @Nullable Execution makeCurrent(Execution execution) {
    Execution before = current.ofThread();
    current.set(execution);
    return before;
  }

  /** Undoes {@link #makeCurrent}. */
  void restore(@Nullable Execution before) {
    if (before == null) {
      current.remove();
    } else {
      current.set(Execution.runningOrOver(before));
    }
  }

  /**
   * Makes the enclosing execution current if the ended one is the calling thread's. An execution
   * may end on a thread of its own asynchronous work, and the thread's next work belongs to the
   * enclosing one.
   */
  void leaveIfCurrent(Execution ended, @Nullable Execution around) {
    if (current.ofThread() == ended) {
      restore(around);
    }
  }

  @Override
  protected void onMetadata(@Nullable String key, @Nullable Object value) {
    Execution execution = current.get();
    if (execution == null || execution == Execution.READING || key == null) {
      return;
    }
    Execution before = current.ofThread();
    current.set(Execution.READING);
    try {
      capture.facade().metadata(execution, key, value);
    } finally {
      goBackTo(before);
    }
  }

  @Override
  protected void onProgress(@Nullable String stage, int percent) {
    long now = System.nanoTime();
    Execution execution = current.get();
    if (execution == null) {
      counters.increment(Counter.OUTSIDE_EXECUTION);
    } else if (execution != Execution.READING && stage != null && !stage.isEmpty()) {
      Stage reported = Stage.reported(capture.redacted(stage), percent);
      inStage(execution, reported.name);
      capture.stage(execution, reported, null, now);
    }
  }

  @Override
  protected void onQuality(double score) {
    Execution execution = current.get();
    if (execution != null && execution != Execution.READING) {
      capture.facade().quality(execution, score);
    }
  }

  @Override
  protected void onInstructions(@Nullable String instructions) {
    long now = System.nanoTime();
    Execution execution = ofTrace();
    if (execution != null && instructions != null) {
      capture.trace().instructions(execution, instructions, now);
    }
  }

  @Override
  protected boolean onRecordsIntelligence() {
    return ofTrace() != null;
  }

  @Override
  protected void onIntelligence(@Nullable Object[] values) {
    long now = System.nanoTime();
    Execution execution = ofTrace();
    if (execution != null) {
      capture.trace().intelligence(execution, values, now);
    }
  }

  /** Returns the execution whose trace the thread adds to; counts a call outside an execution. */
  private @Nullable Execution ofTrace() {
    Execution execution = capture.trace().isOn() ? current.get() : Execution.READING;
    if (execution == null) {
      counters.increment(Counter.OUTSIDE_EXECUTION);
    }
    return execution == Execution.READING ? null : execution;
  }

  private @Nullable Call enterInner(
      MethodPlan plan,
      Execution execution,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    Call call =
        plan.reportsStageAtExit || plan.spec.decision() != null || plan.spec.intelligence() != null
            ? new Call.Inner(plan, now, self, arguments, execution)
            : null;
    Execution before = current.ofThread();
    current.set(Execution.READING);
    try {
      enterStage(plan, execution, call, self, arguments, now);
    } finally {
      goBackTo(before);
    }
    return call;
  }

  private void enterStage(
      MethodPlan plan,
      Execution execution,
      @Nullable Call call,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    if (plan.spec.stage() != null) {
      inStage(execution, plan.stage().name);
    }
    if (plan.reportsStageAtEntry) {
      capture.stageAtEntry(plan, execution, self, arguments, now);
    }
    if (plan.reportsStageAtExit && call != null) {
      call.stageValues = capture.stageValues(plan, self, arguments);
    }
  }

  void suppress(MethodPlan plan, Throwable thrown) {
    faults.suppress(plan, thrown);
  }

  /** Makes current what was current before the method of an execution. */
  void leave(Execution execution) {
    if (execution.isOutermostOfThread) {
      current.remove();
    } else { // Without a parent, the thread did the work of an ended execution.
      current.set(Execution.runningOrOver(execution.runningParent()));
    }
    if (execution.isEnded()) { // Else its asynchronous result still needs the root's ID.
      execution.parent = null;
    }
  }
}

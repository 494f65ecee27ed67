package io.agentlog.agent.capture;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.async.AsyncType;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Handles the calls of woven code on the agent's side of the bridge.
 *
 * <p><b>Threads:</b> the application's, any number. <b>Failure:</b> the bridge suppresses and
 * counts what is thrown here. <b>Cost:</b> no lock, no I/O, no logging; the agent's own thread
 * prints messages.
 *
 * <p>The current execution of a thread is its innermost running one. When the outermost ends,
 * nothing stays on the thread.
 */
public final class CaptureBridge extends AgentBridge {
  private final CurrentExecutions current = new CurrentExecutions();
  private final HandedOnWork work = new HandedOnWork(current);
  private final MethodPlans plans;
  private final Capture capture;
  private final Counters counters;

  public CaptureBridge(MethodPlans plans, Capture capture, Counters counters) {
    this.plans = plans;
    this.capture = capture;
    this.counters = counters;
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
      suppressFault(plan, t);
      return null;
    }
  }

  private @Nullable Object enter(
      MethodPlan plan, @Nullable Object self, Object @Nullable [] arguments) {
    long now = System.nanoTime();
    Execution enclosing = current.get();
    if (plan.spec.execution() == null) {
      if (enclosing == null) {
        outsideExecution(plan);
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
    Execution execution = capture.create(plan, enclosing, self, arguments, now);
    execution.isOutermostOfThread = current.ofThread() == null;
    current.set(execution);
    try {
      capture.start(execution, self, arguments);
      enterStage(plan, execution, execution, self, arguments, now);
    } catch (Throwable t) {
      // Return the token all the same: without its exit the execution would stay on the thread.
      suppressFault(plan, t);
    }
    return execution;
  }

  @Override
  protected @Nullable Object onExit(
      Object token, @Nullable Object result, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    Call call = (Call) token;
    if (call instanceof Execution left) {
      leave(left); // First, so that the thread is clean even if the rest fails.
    }
    AsyncType async = call.plan.asyncType;
    if (async != null && thrown == null && result != null && async.includes(result)) {
      PendingEnd end = new PendingEnd(this, call, async, result);
      try {
        return end.observe();
      } catch (Throwable t) { // The application's type threw: treat its result as complete.
        suppress(call.plan, t);
        end.succeeded(null);
        return result;
      }
    }
    end(call, result, thrown, now);
    return result;
  }

  /** Records the end of a call once its result is there: at return, or later on any thread. */
  void end(Call call, @Nullable Object result, @Nullable Throwable thrown, long now) {
    Execution execution = executionOf(call);
    try {
      if (call.plan.reportsStageAtExit) {
        capture.stageAtExit(call, execution, result, thrown, now);
      }
      if (call.plan.spec.decision() != null && thrown == null && result != null) {
        capture.decision(call, execution, result, now);
      }
    } catch (Throwable t) { // The execution must still end.
      suppressFault(call.plan, t);
    }
    if (call == execution) {
      execution.settlePending();
      capture.end(execution, result, thrown, now);
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
      current.set(before);
    }
  }

  /**
   * Makes the parent current if the ended execution is the calling thread's. An execution may end
   * on a thread of its own asynchronous work, and the thread's next work belongs to the parent.
   */
  void leaveIfCurrent(Execution ended) {
    if (current.ofThread() == ended) {
      restore(ended.parent);
    }
  }

  /**
   * Forgets collected threads and work that never ran. A thread of the agent calls it regularly.
   */
  public void tidy() {
    work.tidy();
  }

  @Override
  protected void onHandOn(Object handedOn) {
    work.handOn(handedOn);
  }

  @Override
  protected Runnable onSubmit(Runnable task) {
    return work.submit(task);
  }

  @Override
  protected void onStartThread(Thread thread) {
    work.startThread(thread);
  }

  @Override
  protected void onBecomeWorker() {
    work.becomeWorker();
  }

  @Override
  protected @Nullable Object onEnterWork(Object handedOn, boolean last) {
    return work.enter(handedOn, last);
  }

  @Override
  protected void onLeaveWork(Object entered) {
    work.leave(entered);
  }

  @Override
  protected void onWorkerRuns(Object task) {
    work.workerRuns(task);
  }

  @Override
  protected void onWorkerIdle() {
    work.workerIdle();
  }

  @Override
  protected @Nullable UUID onExecutionId() {
    Execution execution = current.get();
    return execution == null ? null : execution.id();
  }

  @Override
  protected @Nullable UUID onCorrelationId() {
    Execution execution = current.get();
    if (execution == null) {
      return null;
    }
    return execution.correlationId();
  }

  @Override
  protected void onMetadata(@Nullable String key, @Nullable Object value) {
    Execution execution = current.get();
    if (execution != null && key != null) {
      capture.facade().metadata(execution, key, value);
    }
  }

  @Override
  protected void onProgress(@Nullable String stage, int percent) {
    long now = System.nanoTime();
    Execution execution = current.get();
    if (execution == null) {
      counters.increment(Counter.OUTSIDE_EXECUTION);
    } else if (stage != null && !stage.isEmpty()) {
      capture.stage(execution, Stage.reported(capture.redacted(stage), percent), null, now);
    }
  }

  @Override
  protected void onQuality(double score) {
    Execution execution = current.get();
    if (execution != null) {
      capture.facade().quality(execution, score);
    }
  }

  private @Nullable Call enterInner(
      MethodPlan plan,
      Execution execution,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    Call call =
        plan.reportsStageAtExit || plan.spec.decision() != null
            ? new Call.Inner(plan, now, self, arguments, execution)
            : null;
    enterStage(plan, execution, call, self, arguments, now);
    return call;
  }

  private void enterStage(
      MethodPlan plan,
      Execution execution,
      @Nullable Call call,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    if (plan.reportsStageAtEntry) {
      capture.stageAtEntry(plan, execution, self, arguments, now);
    }
    if (plan.reportsStageAtExit && call != null) {
      call.stageValues = capture.stageValues(plan, self, arguments);
    }
  }

  /** Suppresses an error of the agent's own; stops recording a method that keeps failing. */
  private void suppressFault(MethodPlan plan, Throwable thrown) {
    suppress(plan, thrown);
    // A shortage of memory or stack is the application's, and passes.
    if (!(thrown instanceof VirtualMachineError) && plan.countFault()) {
      DeferredLog.once(
          "switched off " + plan.spec.displayName(),
          "capture",
          ("%s is no longer recorded, because agentlog failed there %s times. Report it; a restart"
                  + " records it again")
              .formatted(plan.spec.displayName(), MethodPlan.FAULTS_MAX));
    }
  }

  void suppress(MethodPlan plan, Throwable thrown) {
    counters.increment(Counter.SUPPRESSED);
    if (thrown instanceof StackOverflowError) {
      return; // The application's own stack is full; none is left to report this.
    }
    DeferredLog.once(
        "suppressed " + thrown.getClass().getName(),
        "capture",
        ("an error at %s was kept from the application; values of the execution may be missing: %s."
                + " Report it")
            .formatted(plan.spec.displayName(), AgentLog.describeWithoutMessage(thrown)));
  }

  private void leave(Execution execution) {
    if (execution.parent == null || execution.isOutermostOfThread) {
      current.remove();
    } else {
      current.set(execution.parent);
    }
  }

  private void outsideExecution(MethodPlan plan) {
    counters.increment(Counter.OUTSIDE_EXECUTION);
    if (plan.isFirstOutside()) {
      DeferredLog.once(
          "outside " + plan.spec.displayName(),
          "capture",
          ("%s was called outside an execution and is not recorded; call it from a method with"
                  + " @AgentExecution")
              .formatted(plan.spec.displayName()));
    }
  }
}

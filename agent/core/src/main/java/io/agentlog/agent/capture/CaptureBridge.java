package io.agentlog.agent.capture;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.ops.AgentLog;
import io.agentlog.agent.ops.Counters;
import io.agentlog.agent.ops.Counters.Counter;
import io.agentlog.agent.ops.DeferredLog;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of the bridge: what happens when woven code calls.
 *
 * <p><b>Threads:</b> the application's, any number. <b>Failure:</b> what is thrown here is
 * suppressed and counted by the bridge. <b>Cost:</b> no lock, no I/O, no logging; a message is left
 * for the agent's own thread.
 *
 * <p>The current execution of a thread is its innermost running one; nothing is left on the thread
 * when the outermost ends.
 */
public final class CaptureBridge extends AgentBridge {
  private final CurrentExecutions current = new CurrentExecutions();
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
    MethodPlan plan =
        plans.of(type, planIndex); // The first time it is bound, which is not the call's time.
    if (plan == null) {
      return null;
    }
    long now = System.nanoTime();
    Execution enclosing = current.get();
    if (plan.spec.execution() == null) {
      if (enclosing == null) {
        outsideExecution(plan);
        return null;
      }
      return enterInner(plan, enclosing, self, arguments, now);
    }
    if (plan.continues(enclosing, self)) {
      return null;
    }
    Execution execution = capture.create(plan, enclosing, self, arguments, now);
    current.set(execution);
    try {
      capture.start(execution, self, arguments);
      enterStage(plan, execution, execution, self, arguments, now);
    } catch (
        Throwable t) { // From here on the exit has to come, or the thread would keep the execution.
      suppressed(plan, t);
    }
    return execution;
  }

  @Override
  protected @Nullable Object onExit(
      Object token, @Nullable Object result, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    Call call = (Call) token;
    Execution execution;
    if (call instanceof Execution ended) {
      leave(ended); // First: whatever fails below, the thread is clean.
      execution = ended;
    } else {
      execution = ((Call.Inner) call).execution;
    }
    try {
      if (call.plan.reportsStageAtExit) {
        capture.stageAtExit(call, execution, result, thrown, now);
      }
      if (call.plan.spec.decision() != null && thrown == null && result != null) {
        capture.decision(call, execution, result, now);
      }
    } catch (Throwable t) { // The end has to come.
      suppressed(call.plan, t);
    }
    if (call == execution) {
      capture.end(execution, result, thrown, now);
    }
    return result;
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
      capture.metadata(execution, key, value);
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
      capture.quality(execution, score);
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

  private void suppressed(MethodPlan plan, Throwable thrown) {
    counters.increment(Counter.SUPPRESSED);
    if (thrown instanceof StackOverflowError) {
      return; // The application's own, met in our code; there is no room to say anything.
    }
    DeferredLog.once(
        "suppressed " + thrown.getClass().getName(),
        "capture",
        "an error at "
            + plan.spec.displayName()
            + " was kept from the application; the execution may lack values: "
            + AgentLog.describe(thrown));
  }

  private void leave(Execution execution) {
    if (execution.parent == null) {
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
          plan.spec.displayName()
              + " was called outside an execution and is not recorded; call it from a method with"
              + " @AgentExecution");
    }
  }
}

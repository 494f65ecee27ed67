package io.agentlog.agent.capture;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.event.Identifier;
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
 * <p>The current execution of a thread is its innermost running one. It stands in a thread-local
 * that is removed when the outermost ends, so that nothing is left on a pooled thread.
 */
public final class CaptureBridge extends AgentBridge {
  @SuppressWarnings("ThreadLocalUsage") // One bridge a JVM, and a test must not see another's.
  private final ThreadLocal<Execution> current = new ThreadLocal<>();

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
    Execution execution = enclosing;
    if (plan.spec.execution() != null) {
      if (plan.continues(enclosing, self)) {
        return null;
      }
      execution = capture.start(plan, enclosing, self, arguments, now);
      current.set(execution);
    } else if (enclosing == null) {
      outsideExecution(plan);
      return null;
    }
    Call call = execution == enclosing ? null : execution;
    if (plan.spec.stage() != null) {
      call = enterStage(plan, execution, call, self, arguments, now);
    }
    if (plan.spec.decision() != null && call == null) {
      call = new Call.Inner(plan, now, execution);
    }
    if (call != null && plan.readsCallAtExit) {
      call.keep(self, arguments);
    }
    return call;
  }

  @Override
  protected @Nullable Object onExit(
      Object token, @Nullable Object result, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    Call call = (Call) token;
    MethodPlan plan = call.plan;
    Execution execution;
    if (call instanceof Execution ended) {
      leave(ended); // First: whatever fails below, the thread is clean.
      execution = ended;
    } else {
      execution = ((Call.Inner) call).execution;
    }
    if (plan.reportsStageAtExit) {
      capture.stageAtExit(call, execution, result, thrown, now);
    }
    if (plan.spec.decision() != null && thrown == null && result != null) {
      capture.decision(call, execution, result, now);
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
    return execution.correlation instanceof String text
        ? Identifier.of(Texts.cut(text, capture.limits().valueBytes())).id()
        : (UUID) execution.correlation;
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
      capture.stage(execution, stage, percent, null, now);
    }
  }

  @Override
  protected void onQuality(double score) {
    Execution execution = current.get();
    if (execution != null) {
      capture.quality(execution, score);
    }
  }

  private @Nullable Call enterStage(
      MethodPlan plan,
      Execution execution,
      @Nullable Call call,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    if (plan.reportsStageAtEntry) {
      capture.stageAtEntry(plan, execution, self, arguments, now);
    }
    if (!plan.reportsStageAtExit) {
      return call;
    }
    Call atExit = call == null ? new Call.Inner(plan, now, execution) : call;
    atExit.stageValues = capture.stageValues(plan, self, arguments);
    return atExit;
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

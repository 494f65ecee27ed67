package io.agentlog.agent.capture;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;

/** Counts and reports what keeps calls from being recorded. Thread-safe; never throws. */
final class Faults {
  private final Counters counters;

  Faults(Counters counters) {
    this.counters = counters;
  }

  /** Suppresses an error of the agent's own; stops recording a method that keeps failing. */
  void suppressOwn(MethodPlan plan, Throwable thrown) {
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

  /** Suppresses an error at a call, whoever made it. */
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

  /** Counts a call outside an execution; names its method once. */
  void outsideExecution(MethodPlan plan) {
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

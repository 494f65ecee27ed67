package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.MethodSpec;

/**
 * What a woven method has to hand over, decided from the class file alone: too much is slow, too
 * little is wrong.
 */
final class PlanNeeds {
  private PlanNeeds() {}

  /** True if the plan may read an argument. */
  static boolean arguments(MethodSpec spec) {
    return !spec.parameters().isEmpty()
        && (spec.execution() != null
            || (spec.stage() != null && !spec.stage().metadata().isEmpty())
            || spec.decision() != null);
  }

  /** True if the plan may read the result. */
  static boolean result(MethodSpec spec) {
    boolean isVoid = spec.descriptor().endsWith(")V");
    return !isVoid
        && (spec.execution() != null
            || (spec.stage() != null && !spec.stage().metadata().isEmpty())
            || spec.decision() != null);
  }
}

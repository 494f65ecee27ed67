package io.agentlog.agent.capture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of a woven method that has something to do when it ends: the token between entry and
 * exit. Belongs to the thread of the call.
 */
class Call {
  final MethodPlan plan;

  /** {@link System#nanoTime()} at entry. */
  final long startNanos;

  /**
   * Values of a stage that is reported at exit, read at entry, since arguments may change. Null if
   * there are none.
   */
  @Nullable Map<String, @Nullable Object> stageValues;

  Call(MethodPlan plan, long startNanos) {
    this.plan = plan;
    this.startNanos = startNanos;
  }

  /** A stage or decision within an execution. */
  static final class Inner extends Call {
    final Execution execution;

    Inner(MethodPlan plan, long startNanos, Execution execution) {
      super(plan, startNanos);
      this.execution = execution;
    }
  }
}

package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.ValueSource;
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

  private @Nullable Object receiver;
  private @Nullable Object @Nullable [] arguments;

  Call(MethodPlan plan, long startNanos) {
    this.plan = plan;
    this.startNanos = startNanos;
  }

  /**
   * Keeps what paths read from when the call ends, where there are such paths: it keeps arguments
   * alive.
   */
  void keepIfRead(@Nullable Object receiver, @Nullable Object @Nullable [] arguments) {
    if (plan.readsCallAtExit) {
      this.receiver = receiver;
      this.arguments = arguments;
    }
  }

  /** Reads a value as the call ends; null where there is no source. */
  @Nullable Object read(@Nullable ValueSource source, @Nullable Object result) {
    return source == null ? null : source.read(receiver, arguments, result);
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

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

  /** The receiver; null for a static method, where nobody asks for it, and once it has ended. */
  @Nullable Object self;

  /** What paths read when the call ends; null where none does, as it keeps arguments alive. */
  private @Nullable Object @Nullable [] arguments;

  /**
   * Values of a stage that is reported at exit, read at entry, since arguments may change. Null if
   * there are none.
   */
  @Nullable Map<String, @Nullable Object> stageValues;

  Call(
      MethodPlan plan,
      long startNanos,
      @Nullable Object self,
      @Nullable Object @Nullable [] arguments) {
    this.plan = plan;
    this.startNanos = startNanos;
    this.self = self;
    this.arguments = plan.readsCallAtExit ? arguments : null;
  }

  /**
   * Gives up what belongs to the application: what is remembered of work that was handed on must
   * not keep it alive.
   *
   * @return for {@link #regain}
   */
  @Nullable Object @Nullable [] release() {
    self = null;
    @Nullable Object @Nullable [] released = arguments;
    arguments = null;
    return released;
  }

  /** Undoes {@link #release}, for the end of a call that has returned before. */
  void regain(@Nullable Object receiver, @Nullable Object @Nullable [] released) {
    self = receiver;
    arguments = released;
  }

  /** Reads a value as the call ends; null where there is no source. */
  @Nullable Object read(@Nullable ValueSource source, @Nullable Object result) {
    return source == null ? null : source.read(self, arguments, result);
  }

  /** A stage or decision within an execution. */
  static final class Inner extends Call {
    final Execution execution;

    Inner(
        MethodPlan plan,
        long startNanos,
        @Nullable Object self,
        @Nullable Object @Nullable [] arguments,
        Execution execution) {
      super(plan, startNanos, plan.readsCallAtExit ? self : null, arguments);
      this.execution = execution;
    }
  }
}

package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.Items;
import io.agentlog.agent.capture.value.ValueSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of a woven method that has work to do at its end: the token that entry hands to exit.
 * One thread at a time uses it.
 */
class Call {
  final MethodPlan plan;

  /** {@link System#nanoTime()} at entry. */
  final long startNanos;

  /** The receiver; null for a static method, if no path reads it, and once the call has ended. */
  @Nullable Object self;

  /**
   * The arguments for paths that are read at the end; null if there are none, so that they can be
   * collected.
   */
  private @Nullable Object @Nullable [] arguments;

  /**
   * Values of a stage that is reported at exit. Read at entry, because arguments may change. Null
   * if there are none.
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

  /** Makes a marker, which is no call. */
  @SuppressWarnings("NullAway") // Nothing is recorded of a marker, so nobody reads its plan.
  Call() {
    this.plan = null;
    this.startNanos = 0;
  }

  /**
   * Clears the references to the application's objects, because handed-on work keeps this call in
   * memory and must not keep those objects.
   *
   * @return the arguments, for {@link #regain}
   */
  @Nullable Object @Nullable [] release() {
    self = null;
    @Nullable Object @Nullable [] released = arguments;
    arguments = null;
    return released;
  }

  /** Undoes {@link #release}, for the end of a call that has returned earlier. */
  void regain(@Nullable Object receiver, @Nullable Object @Nullable [] released) {
    self = receiver;
    arguments = released;
  }

  /** Reads a value at the end of the call; null if there is no source. */
  @Nullable Object read(@Nullable ValueSource source, @Nullable Object result) {
    return source == null ? null : source.read(self, arguments, result);
  }

  /** Reads the items of a value at the end of the call. */
  Items items(ValueSource source, @Nullable Object result, int countMax) {
    return Items.of(source, self, arguments, result, countMax);
  }

  /** A stage, a decision or the use of knowledge within an execution. */
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

package io.agentlog.agent.capture.value;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The source of one value of a call. Thread-safe; a plain parameter costs one array load. */
public final class ValueSource {
  static final int SELF = -1;
  static final int RESULT = -2;

  private final int root;
  private final ValueStep[] steps;
  private final String text;
  private final FailureOnce failure;

  /**
   * @param root index of a parameter, or {@link #SELF} or {@link #RESULT}
   * @param text the source's name in messages
   */
  ValueSource(int root, ValueStep[] steps, String text, FailureOnce failure) {
    this.root = root;
    this.steps = steps;
    this.text = text;
    this.failure = failure;
  }

  /**
   * Reads the value. Never throws, not even errors: if the application throws on the way, reports
   * that once and returns null. A null on the way gives null. Goes on with the content of an {@link
   * Optional}.
   *
   * @param self the receiver; null for a static method or if {@link #usesSelf()} is false
   * @param arguments as passed; may be null if {@link #usesArguments()} is false
   * @param result what the method returned; null before it returns
   * @return a value of the application, not a copy
   */
  public @Nullable Object read(
      @Nullable Object self, @Nullable Object @Nullable [] arguments, @Nullable Object result) {
    Object value;
    if (root >= 0) {
      value = arguments == null || root >= arguments.length ? null : arguments[root];
    } else {
      value = root == SELF ? self : result;
    }
    value = Types.inside(value);
    int next = 0;
    try {
      while (value != null && next < steps.length) {
        value = Types.inside(steps[next].read(value, failure));
        next++;
      }
      return value;
    } catch (Throwable t) { // A getter or map may throw any error.
      failure.reportThrown(next < steps.length ? steps[next].toString() : text, t);
      return null;
    }
  }

  /** True if the arguments are read. */
  public boolean usesArguments() {
    return root >= 0;
  }

  /** True if the receiver is read. */
  public boolean usesSelf() {
    return root == SELF;
  }

  /** True if the result is read. */
  public boolean usesResult() {
    return root == RESULT;
  }

  /** Returns the path as written, or the parameter or member that was bound without a path. */
  @Override
  public String toString() {
    return text;
  }

  /** Reports, once for the source, that its value can't be used. */
  void report(String reason) {
    failure.report(reason);
  }

  /** Reports, once for the source, that code of the application threw. */
  void reportThrown(String what, Throwable thrown) {
    failure.reportThrown(what, thrown);
  }

  /** Returns a source with one more step. */
  ValueSource then(ValueStep step, Function<String, FailureOnce> failures) {
    ValueStep[] longer = Arrays.copyOf(steps, steps.length + 1);
    longer[steps.length] = step;
    return new ValueSource(root, longer, text + step, failures.apply(text + step));
  }
}

package io.agentlog.insight.pattern;

import org.jspecify.annotations.Nullable;

/**
 * How an execution compares with a declaration.
 *
 * @param deviation the first one; null if the execution is as declared
 * @param step the number of the step with the deviation, from 0; the number of steps if the
 *     execution ended too early; -1 without a deviation
 */
public record Verdict(@Nullable Deviation deviation, int step) {
  static final Verdict MATCHES = new Verdict(null, -1);

  /** True if the execution is as declared. */
  public boolean matches() {
    return deviation == null;
  }
}

package io.agentlog.agent.capture;

import org.jspecify.annotations.Nullable;

/** Conversions of numbers that the application gave. */
final class Numbers {
  private Numbers() {}

  /** Returns the value as a double; NaN if it is no number or not finite. */
  static double doubleOf(@Nullable Object value) {
    if (value instanceof Number number) {
      double converted = number.doubleValue();
      return Double.isFinite(converted) ? converted : Double.NaN;
    }
    return Double.NaN;
  }

  /** Returns the number if it lies between 0 and 1, else NaN. */
  static double ratio(@Nullable Object value) {
    double number = doubleOf(value);
    return number >= 0 && number <= 1 ? number : Double.NaN;
  }
}

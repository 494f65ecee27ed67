package io.agentlog.insight.statistics;

import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a share or a difference of shares lies with 95 % confidence.
 *
 * @param low from −1 to 1
 * @param high from −1 to 1
 */
public record Interval(double low, double high) {
  /** The normal value that 2.5 % exceed. */
  private static final double Z = 1.959963984540054;

  private static final double TAIL = 0.025;
  private static final int BISECTIONS = 50;

  /** Wilson's interval of a share, which holds for few and for no events. Null if whole is 0. */
  public static @Nullable Interval of(long part, long whole) {
    if (whole <= 0) {
      return null;
    }
    double share = (double) part / whole;
    double square = Z * Z / whole;
    double middle = (share + square / 2) / (1 + square);
    double reach = Z * Math.sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square);
    return new Interval(
        part == 0 ? 0 : middle - reach, part == whole ? 1 : middle + reach); // Not 1e-17.
  }

  /**
   * Clopper and Pearson's exact interval of a share. It is never too short, so a bound of it may be
   * promised.
   *
   * @param whole 1 at least
   */
  public static Interval exact(long part, long whole) {
    double low = part == 0 ? 0 : root(p -> ExactTests.binomial(part, whole, p) < TAIL);
    double high =
        part == whole ? 1 : root(p -> 1 - ExactTests.binomial(part + 1, whole, p) > TAIL);
    return new Interval(low, high);
  }

  /** Returns where a condition that holds at 0 and not at 1 ceases to hold. */
  private static double root(DoublePredicate condition) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (condition.test(middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Newcombe's interval of the difference of two shares, {@code after} less {@code before}, from
   * Wilson's interval of each. Null if one whole is 0.
   */
  public static @Nullable Interval ofDifference(
      long partBefore, long wholeBefore, long partAfter, long wholeAfter) {
    Interval before = of(partBefore, wholeBefore);
    Interval after = of(partAfter, wholeAfter);
    if (before == null || after == null) {
      return null;
    }
    double shareBefore = (double) partBefore / wholeBefore;
    double shareAfter = (double) partAfter / wholeAfter;
    double difference = shareAfter - shareBefore;
    return new Interval(
        difference - Math.hypot(shareAfter - after.low, before.high - shareBefore),
        difference + Math.hypot(after.high - shareAfter, shareBefore - before.low));
  }

  /** Returns whether a value lies in it. */
  public boolean has(double value) {
    return low <= value && value <= high;
  }
}

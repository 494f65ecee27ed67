package io.agentlog.insight.statistics;

import org.jspecify.annotations.Nullable;

/**
 * The test of Mann and Whitney by its normal approximation, for the eye: where most values are
 * equal it is a count, and as wrong at small levels as other approximations of counts.
 */
public final class MannWhitney {
  private MannWhitney() {}

  /**
   * Returns the probability of values as low as {@code after} or lower, if both have the same
   * distribution. Values of the same bin are equal. Null if one is empty or all values are equal.
   */
  public static @Nullable Double lower(Bins before, Bins after) {
    double n = after.total();
    double m = before.total();
    double all = n + m;
    double wins = 0;
    double ties = 0;
    long passed = 0;
    for (int bin = 0; bin < Math.max(before.end(), after.end()); bin++) {
      long here = before.count(bin);
      double both = (double) here + after.count(bin);
      wins += after.count(bin) * (passed + here / 2.0);
      ties += both * (both * both - 1);
      passed += here;
    }
    double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    if (n == 0 || m == 0 || variance <= 0) {
      return null;
    }
    // Wins are a whole or a half number; half a win makes up for the steps of their distribution.
    double z = (wins - n * m / 2 + 0.5) / Math.sqrt(variance);
    return 0.5 * erfc(-z / Math.sqrt(2));
  }

  /** Returns the complementary error function, with a relative error under 1.2e-7. */
  private static double erfc(double x) {
    double t = 1 / (1 + 0.5 * Math.abs(x));
    double[] parts = {
      0.17087277,
      -0.82215223,
      1.48851587,
      -1.13520398,
      0.27886807,
      -0.18628806,
      0.09678418,
      0.37409196,
      1.00002368,
      -1.26551223
    };
    double sum = 0;
    for (double part : parts) {
      sum = sum * t + part;
    }
    double tail = t * Math.exp(-x * x + sum);
    return x >= 0 ? tail : 2 - tail;
  }
}

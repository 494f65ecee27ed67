package io.agentlog.insight.gate;

import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/** Intervals that hold the true value in 95 of 100 windows. */
final class Intervals {
  private static final double TAIL = 0.025;

  private Intervals() {}

  /**
   * Ranks of sorted values between which a quantile lies.
   *
   * @param low from 1; 0 if even the lowest value may be above the quantile
   * @param high one more than the count of values if even the highest may be below
   */
  record Ranks(long low, long high) {}

  /** Returns the exact interval of a quantile; it needs no assumption on the distribution. */
  static Ranks ofQuantile(int n, double quantile) {
    BinomialDistribution below = BinomialDistribution.of(n, quantile);
    return new Ranks(
        below.inverseCumulativeProbability(TAIL),
        below.inverseCumulativeProbability(1 - TAIL) + 1L);
  }

  /** Returns how far a mean of scores reaches by Student's t; null for fewer than two. */
  static @Nullable Double reachOfMean(long n, double mean, double squares) {
    if (n < 2) {
      return null;
    }
    double variance = Math.max(0, (squares - n * mean * mean) / (n - 1));
    return TDistribution.of((double) (n - 1)).inverseSurvivalProbability(TAIL)
        * Math.sqrt(variance / n);
  }
}

package io.agentlog.benchmarks;

import java.util.Arrays;

/** Exact percentiles, from all samples, sorted. */
final class Percentiles {
  private final long[] sorted;

  Percentiles(long[] samples) {
    sorted = samples.clone();
    Arrays.sort(sorted);
  }

  /** The smallest sample that {@code percent} of all do not exceed; NaN without samples. */
  double at(double percent) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }
}

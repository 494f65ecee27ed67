package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.Scales;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Draws bins from a distribution in constant time (Walker's alias table). */
final class Noise {
  private final double[] keep;
  private final int[] other;

  private Noise(double[] keep, int[] other) {
    this.keep = keep;
    this.other = other;
  }

  /** Returns scores of a cumulative distribution on 0 to 1. */
  static Noise ofScores(DoubleUnaryOperator cdf) {
    double[] weights = new double[200];
    for (int bin = 0; bin < 200; bin++) {
      double low = bin == 0 ? 0 : cdf.applyAsDouble(bin / 200.0);
      weights[bin] = (bin == 199 ? 1 : cdf.applyAsDouble((bin + 1) / 200.0)) - low;
    }
    return of(weights);
  }

  /** Returns durations of a cumulative distribution of microseconds. */
  static Noise ofDurations(DoubleUnaryOperator cdf) {
    double[] weights = new double[1_600];
    double low = 0;
    for (int bin = 0; bin < weights.length; bin++) {
      double high = cdf.applyAsDouble(Math.exp((bin + 1) * Math.log(1.01 / 0.99)));
      weights[bin] = high - low;
      low = high;
    }
    return of(weights);
  }

  private static Noise of(double[] weights) {
    int size = weights.length;
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double[] keep = new double[size];
    int[] other = new int[size];
    int[] small = new int[size];
    int[] large = new int[size];
    int smalls = 0;
    int larges = 0;
    for (int i = 0; i < size; i++) {
      keep[i] = weights[i] * size / sum;
      if (keep[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    while (smalls > 0 && larges > 0) {
      int low = small[--smalls];
      int high = large[--larges];
      other[low] = high;
      keep[high] -= 1 - keep[low];
      if (keep[high] < 1) {
        small[smalls++] = high;
      } else {
        large[larges++] = high;
      }
    }
    while (larges > 0) {
      keep[large[--larges]] = 1;
    }
    while (smalls > 0) {
      keep[small[--smalls]] = 1; // Rounding: it was 1 but for the last digits.
    }
    return new Noise(keep, other);
  }

  int draw(SplittableRandom random) {
    double at = random.nextDouble() * keep.length;
    int bin = (int) at;
    return at - bin < keep[bin] ? bin : other[bin];
  }

  /**
   * Returns a number of independent events.
   *
   * @param mean under 700
   */
  static int poisson(SplittableRandom random, double mean) {
    double end = Math.exp(-mean);
    int events = 0;
    for (double product = random.nextDouble(); product > end; product *= random.nextDouble()) {
      events++;
    }
    return events;
  }

  /** Returns P(Z <= z), to 1e-7. */
  static double normal(double z) {
    double t = 1 / (1 + 0.2316419 * Math.abs(z));
    double tail =
        Math.exp(-z * z / 2)
            / Math.sqrt(2 * Math.PI)
            * t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return z >= 0 ? 1 - tail : tail;
  }

  /** Returns the mean score of a cumulative distribution. */
  static double mean(DoubleUnaryOperator cdf) {
    double mean = 0;
    for (int bin = 0; bin < 200; bin++) {
      double low = bin == 0 ? 0 : cdf.applyAsDouble(bin / 200.0);
      mean += Scales.quality(bin) * ((bin == 199 ? 1 : cdf.applyAsDouble((bin + 1) / 200.0)) - low);
    }
    return mean;
  }
}

package io.agentlog.insight.statistics;

/** Which values a bin of the rollup stands for. */
public final class Scales {
  /** Bins of durations are so wide that their middle is within 1 % of each of their values. */
  private static final double ACCURACY = 0.01;

  private static final double LOG_GAMMA = Math.log((1 + ACCURACY) / (1 - ACCURACY));
  private static final int QUALITY_BINS = 200;

  private Scales() {}

  /** Returns the duration in microseconds that is within 1 % of all of a bin. */
  public static long micros(int bin) {
    return Math.round(Math.exp(bin * LOG_GAMMA) * (1 + ACCURACY));
  }

  /** Returns the bin of a duration in microseconds. */
  public static int durationBin(long micros) {
    return micros < 1 ? 0 : (int) Math.floor(Math.log((double) micros) / LOG_GAMMA);
  }

  /** Returns the score in the middle of a bin. */
  public static double quality(int bin) {
    return (bin + 0.5) / QUALITY_BINS;
  }

  /** Returns the bin of a score from 0 to 1. */
  public static int qualityBin(double score) {
    return Math.min(QUALITY_BINS - 1, (int) Math.floor(score * QUALITY_BINS + 1e-9));
  }
}

package io.agentlog.insight.rollup;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Counts of values by bin, as the rollup's rows hold them. Counts of several rows are added; the
 * order does not matter.
 *
 * <p>A quantile of durations is within 1 % of a value that has that rank, one of scores within
 * 0.0025.
 *
 * <p>Not thread-safe.
 */
public final class Bins {
  /** Each bin of durations ends so many times above its begin. */
  private static final double GAMMA = 1.01 / 0.99;

  private static final double LN_GAMMA = Math.log(GAMMA);
  private static final int QUALITY_BINS = 200;

  private final boolean isDuration;
  private final NavigableMap<Integer, Long> counts = new TreeMap<>();
  private long total;

  private Bins(boolean isDuration) {
    this.isDuration = isDuration;
  }

  /** Returns bins of durations, whose values are microseconds. */
  public static Bins ofDurations() {
    return new Bins(true);
  }

  /** Returns bins of quality scores, whose values are 0 to 1. */
  public static Bins ofScores() {
    return new Bins(false);
  }

  /** Adds values of one bin. */
  public void add(int bin, long count) {
    counts.merge(bin, count, Long::sum);
    total += count;
  }

  /**
   * Adds a row of the table.
   *
   * @param bins {@code duration_bins} or {@code quality_bins}, as the driver gives it
   * @param binCounts as many counts
   */
  public void add(Number[] bins, Number[] binCounts) {
    for (int i = 0; i < bins.length; i++) {
      add(bins[i].intValue(), binCounts[i].longValue());
    }
  }

  /** Adds all values of others of the same kind. */
  public void add(Bins others) {
    others.counts.forEach(this::add);
  }

  /** Returns the number of values. */
  public long count() {
    return total;
  }

  /** Returns the counts by bin. */
  public NavigableMap<Integer, Long> counts() {
    return new TreeMap<>(counts);
  }

  /**
   * Returns the value below which a share of the values lies, the smallest with that rank, as
   * {@code percentile_disc} does.
   *
   * @param share 0 to 1, such as 0.95
   * @return {@code NaN} without values
   */
  public double quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(share * total));
    for (Map.Entry<Integer, Long> bin : counts.entrySet()) {
      rank -= bin.getValue();
      if (rank <= 0) {
        return value(bin.getKey());
      }
    }
    return Double.NaN;
  }

  /** Returns how many values are above a value; those in the value's own bin are not counted. */
  public long countAbove(double value) {
    return counts.tailMap(bin(value), false).values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the bin of a value. */
  public int bin(double value) {
    return isDuration
        ? (int) Math.floor(Math.log(Math.max(value, 1)) / LN_GAMMA)
        : (int) Math.max(0, Math.min(QUALITY_BINS - 1, Math.floor(value * QUALITY_BINS)));
  }

  /** Returns the value that stands for all in a bin. */
  public double value(int bin) {
    return isDuration
        ? Math.exp(bin * LN_GAMMA) * 2 * GAMMA / (1 + GAMMA)
        : (bin + 0.5) / QUALITY_BINS;
  }

  /** Returns where a bin begins. */
  public double begin(int bin) {
    return isDuration ? Math.exp(bin * LN_GAMMA) : bin / (double) QUALITY_BINS;
  }
}

package io.agentlog.insight.statistics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts by bin. Counts of the same bins add up in any order to the same result, so minutes make an
 * hour and two agents make both. One thread.
 */
public final class Bins {
  /** The highest bin; the longest duration that a row can hold is in bin 2183. */
  public static final int BIN_MAX = 2_200;

  private long[] counts = new long[0];
  private int begin = BIN_MAX + 1; // The lowest bin that was added to.
  private int end; // One more than the highest.
  private long total;

  /** Adds {@code count} to a bin; a bin out of range counts as the nearest. */
  public void add(int bin, long count) {
    int index = Math.max(0, Math.min(BIN_MAX, bin));
    if (index >= counts.length) {
      counts = Arrays.copyOf(counts, Math.min(BIN_MAX + 1, Math.max(index + 1, counts.length * 2)));
    }
    counts[index] += count;
    total += count;
    begin = Math.min(begin, index);
    end = Math.max(end, index + 1);
  }

  /** Adds all counts of {@code other}. */
  public void add(Bins other) {
    for (int bin = other.end - 1; bin >= other.begin; bin--) {
      if (other.counts[bin] != 0) {
        add(bin, other.counts[bin]);
      }
    }
  }

  /** Adds counts of ascending bins; each sum is of the counts up to and including its bin. */
  void add(short[] bins, int[] sums) {
    if (bins.length == 0) {
      return;
    }
    begin = Math.min(begin, bins[0]);
    end = Math.max(end, bins[bins.length - 1] + 1);
    if (end > counts.length) {
      counts = Arrays.copyOf(counts, Math.min(BIN_MAX + 1, Math.max(end, counts.length * 2)));
    }
    int before = 0;
    for (int i = 0; i < bins.length; i++) {
      counts[bins[i]] += sums[i] - before;
      before = sums[i];
    }
    total += before;
  }

  /** Returns what all bins hold together. */
  public long total() {
    return total;
  }

  /** Returns what a bin holds. */
  public long count(int bin) {
    return bin < counts.length ? counts[bin] : 0;
  }

  /** Returns what the bins under one hold together. */
  public long below(int bin) {
    long sum = 0;
    for (int i = Math.min(bin, end) - 1; i >= begin; i--) {
      sum += counts[i];
    }
    return sum;
  }

  /** Returns the lowest bin that may hold something. */
  int begin() {
    return begin;
  }

  /** Returns one more than the highest bin that may hold something. */
  public int end() {
    return end;
  }

  /**
   * Returns the bin of the value at a quantile: of the value that PostgreSQL's {@code
   * percentile_disc} returns. Null if nothing was counted.
   *
   * @param quantile from 0 to 1
   */
  public @Nullable Integer quantile(double quantile) {
    if (total == 0) {
      return null;
    }
    // The product may be a hair above the whole number that is meant: 0.95 * 100, say.
    long rank = Math.max(1, (long) Math.ceil(quantile * total - 1e-9 * total));
    long before = 0;
    for (int bin = begin; bin < end; bin++) {
      before += counts[bin];
      if (before >= rank) {
        return bin;
      }
    }
    return end - 1;
  }

  /**
   * Returns Cliff's delta: the share of pairs in which {@code after} is higher than {@code before},
   * less the share in which it is lower. Values of the same bin are equal. Null if one is empty.
   */
  public static @Nullable Double cliffsDelta(Bins before, Bins after) {
    if (before.total == 0 || after.total == 0) {
      return null;
    }
    double higher = 0;
    double lower = 0;
    long passed = 0;
    for (int bin = 0; bin < Math.max(before.end(), after.end()); bin++) {
      long here = before.count(bin);
      higher += (double) after.count(bin) * passed;
      lower += (double) after.count(bin) * (before.total - passed - here);
      passed += here;
    }
    return (higher - lower) / ((double) before.total * after.total);
  }
}

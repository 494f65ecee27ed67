package io.agentlog.insight.statistics;

import java.util.Arrays;

/** Counts by bin that do not change, in as little memory as they take. Any thread. */
public final class BinCounts {
  /** Nothing was counted. */
  public static final BinCounts EMPTY = new BinCounts(new short[0], new int[0]);

  private final short[] bins; // Ascending; those with a count alone.
  private final int[] sums; // Up to and including the bin.

  private BinCounts(short[] bins, int[] sums) {
    this.bins = bins;
    this.sums = sums;
  }

  /** Returns a copy of counts. */
  public static BinCounts of(Bins counts) {
    int size = 0;
    for (int bin = counts.begin(); bin < counts.end(); bin++) {
      size += counts.count(bin) == 0 ? 0 : 1;
    }
    if (size == 0) {
      return EMPTY;
    }
    short[] bins = new short[size];
    int[] sums = new int[size];
    int at = 0;
    long sum = 0;
    for (int bin = counts.begin(); bin < counts.end(); bin++) {
      if (counts.count(bin) != 0) {
        sum += counts.count(bin);
        bins[at] = (short) bin;
        sums[at++] = Math.toIntExact(sum);
      }
    }
    return new BinCounts(bins, sums);
  }

  /** Returns what all bins hold together. */
  public long total() {
    return sums.length == 0 ? 0 : sums[sums.length - 1];
  }

  /** Returns what the bins under one hold together. */
  public long below(int bin) {
    int found = bin > Bins.BIN_MAX ? bins.length : Arrays.binarySearch(bins, (short) bin);
    int end = found < 0 ? -found - 1 : found;
    return end == 0 ? 0 : sums[end - 1];
  }

  /** Adds all counts to others. */
  public void addTo(Bins others) {
    others.add(bins, sums);
  }
}

package io.agentlog.insight.gate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whole numbers of which exact quantiles are asked for. */
final class Numbers {
  private long[] numbers = new long[16];
  private int count;
  private boolean isSorted;

  void add(long number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, count * 2);
    }
    numbers[count++] = number;
    isSorted = false;
  }

  int count() {
    return count;
  }

  /**
   * Returns the number at a rank.
   *
   * @param rank from 1; null is returned for a rank that no number has
   */
  @Nullable Long atRank(long rank) {
    if (rank < 1 || rank > count) {
      return null;
    }
    if (!isSorted) {
      Arrays.sort(numbers, 0, count);
      isSorted = true;
    }
    return numbers[(int) rank - 1];
  }

  /** Returns each number, in no order. */
  long[] toArray() {
    return Arrays.copyOf(numbers, count);
  }
}

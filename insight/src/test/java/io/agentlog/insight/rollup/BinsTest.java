package io.agentlog.insight.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Goal: quantiles from bins are those of the values. Method: both, over random values. */
class BinsTest {
  @Test
  void quantileOfDurationsIsWithinOnePercentOfTheValueOfThatRank() {
    Random random = new Random(5);
    for (int run = 0; run < 100; run++) {
      int count = 1 + random.nextInt(2_000);
      double[] values = new double[count];
      Bins bins = Bins.ofDurations();
      for (int i = 0; i < count; i++) {
        values[i] = Math.floor(Math.exp(3 + 4 * Math.abs(random.nextGaussian())));
        bins.add(bins.bin(values[i]), 1);
      }
      Arrays.sort(values);
      for (double share : new double[] {0, 0.01, 0.5, 0.95, 0.99, 1}) {
        double exact = values[(int) Math.max(0, Math.ceil(share * count) - 1)];
        assertThat(bins.quantile(share)).isCloseTo(exact, within(exact * 0.0100001));
      }
    }
  }

  @Test
  void quantileOfScoresIsWithinHalfABin() {
    Bins bins = Bins.ofScores();
    for (double score : new double[] {0, 0.25, 0.5, 0.75, 1}) {
      bins.add(bins.bin(score), 1);
    }
    assertThat(bins.quantile(0.5)).isCloseTo(0.5, within(0.0025001));
    assertThat(bins.quantile(1)).isCloseTo(1, within(0.0025001));
    assertThat(bins.countAbove(0.5)).isEqualTo(2);
  }

  @Test
  void binsOfPartsAddUpToThoseOfTheWhole() {
    Random random = new Random(6);
    Bins whole = Bins.ofDurations();
    Bins merged = Bins.ofDurations();
    for (int part = 0; part < 10; part++) {
      Bins bins = Bins.ofDurations();
      for (int i = 0; i < 100; i++) {
        int bin = whole.bin(random.nextInt(1_000_000));
        whole.add(bin, 1);
        bins.add(bin, 1);
      }
      merged.add(bins);
    }
    assertThat(merged.counts()).isEqualTo(whole.counts());
    assertThat(merged.count()).isEqualTo(1_000);
    assertThat(Bins.ofDurations().quantile(0.5)).isNaN();
  }
}

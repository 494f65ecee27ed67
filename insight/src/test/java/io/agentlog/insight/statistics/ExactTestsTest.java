package io.agentlog.insight.statistics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;
import org.apache.commons.statistics.inference.ContinuityCorrection;
import org.apache.commons.statistics.inference.FisherExactTest;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;
import org.junit.jupiter.api.Test;

/** Our tests against those of commons-statistics, for random counts. */
class ExactTestsTest {
  private static final BinomialTest BINOMIAL =
      BinomialTest.withDefaults().with(AlternativeHypothesis.GREATER_THAN);
  private static final FisherExactTest FISHER =
      FisherExactTest.withDefaults().with(AlternativeHypothesis.GREATER_THAN);
  private static final MannWhitneyUTest MANN_WHITNEY =
      MannWhitneyUTest.withDefaults()
          .with(AlternativeHypothesis.LESS_THAN)
          .with(PValueMethod.ASYMPTOTIC)
          .with(ContinuityCorrection.ENABLED);

  private final SplittableRandom random = new SplittableRandom(21);

  @Test
  void binomialTailIsThatOfCommonsStatistics() {
    int small = 0;
    for (int i = 0; i < 5_000; i++) {
      int n = 1 + (int) Math.exp(random.nextDouble() * Math.log(20_000));
      double p = Math.exp(-7 * random.nextDouble());
      int k = near(n * p, n);
      double expected = BINOMIAL.test(n, k, p).getPValue();
      small += expected < 1e-5 ? 1 : 0;
      assertThat(ExactTests.binomial(k, n, p))
          .as("%s of %s at %s", k, n, p)
          .satisfies(alike(expected));
    }
    assertThat(small).isGreaterThan(500);
  }

  @Test
  void fishersTailIsThatOfCommonsStatistics() {
    int small = 0;
    for (int i = 0; i < 5_000; i++) {
      int n = 1 + (int) Math.exp(random.nextDouble() * Math.log(5_000));
      int otherN = 1 + (int) Math.exp(random.nextDouble() * Math.log(200_000));
      double p = Math.exp(-7 * random.nextDouble());
      int k = near(n * p, n);
      int otherK = near(otherN * p, otherN);
      if (k + otherK == 0 || k + otherK == n + otherN) {
        continue; // Commons has no test where all are alike.
      }
      double expected =
          FISHER.test(new int[][] {{k, n - k}, {otherK, otherN - otherK}}).getPValue();
      small += expected < 1e-5 ? 1 : 0;
      assertThat(ExactTests.fisher(k, n, otherK, otherN))
          .as("%s of %s, %s of %s", k, n, otherK, otherN)
          .satisfies(alike(expected));
    }
    assertThat(small).isGreaterThan(500);
    assertThat(ExactTests.fisher(0, 10, 0, 100)).isEqualTo(1);
    assertThat(ExactTests.fisher(10, 10, 100, 100)).isEqualTo(1);
  }

  /** Up to ten standard deviations from the mean, so that some tails are very small. */
  private int near(double mean, int n) {
    double distance = 20 * random.nextDouble() - 10;
    return (int) Math.max(0, Math.min(n, Math.round(mean + distance * Math.sqrt(mean + 1))));
  }

  private static java.util.function.Consumer<Double> alike(double expected) {
    // Commons sums the smaller tail too, but each p under 1e-300 is as good as none.
    return found ->
        assertThat(found).isCloseTo(expected, within(Math.max(1e-300, 1e-7 * expected)));
  }

  @Test
  void mannWhitneyOfBinsIsThatOfTheValues() {
    for (int i = 0; i < 300; i++) {
      int kinds = 2 + random.nextInt(200);
      int shift = random.nextInt(1 + kinds / 4);
      Bins before = new Bins();
      Bins after = new Bins();
      double[] x = fill(after, 2 + random.nextInt(200), kinds, -shift);
      double[] y = fill(before, 2 + random.nextInt(400), kinds, 0);
      double expected = MANN_WHITNEY.test(x, y).getPValue();
      if (!Double.isNaN(expected)) {
        assertThat(requireNonNull(MannWhitney.lower(before, after)))
            .isCloseTo(expected, within(1e-6 * expected + 1e-15));
      }
    }
    assertThat(MannWhitney.lower(new Bins(), new Bins())).isNull();
  }

  private double[] fill(Bins bins, int n, int kinds, int shift) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.max(0, random.nextInt(kinds) + shift);
      bins.add((int) values[i], 1);
    }
    return values;
  }

  @Test
  void dispersionIsOneForIndependentEventsAndTheSizeOfClusters() {
    for (int cluster : new int[] {1, 5}) {
      List<Double> factors = new ArrayList<>();
      for (int run = 0; run < 20; run++) {
        Dispersion dispersion = new Dispersion();
        for (int window = 0; window < 200; window++) {
          long events = 0;
          for (int i = 0; i < 100; i++) {
            events += random.nextDouble() < 0.1 ? cluster : 0;
          }
          dispersion.add(events, 100L * cluster, 0.1);
        }
        factors.add(dispersion.factor());
      }
      double mean = factors.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      assertThat(mean).isCloseTo(cluster, within(0.1 * cluster));
    }
    assertThat(new Dispersion().factor()).isEqualTo(1);
  }

  @Test
  void countsBelowABinAreThoseOfTheBins() {
    Bins bins = new Bins();
    fill(bins, 500, 190, 0);
    BinCounts counts = BinCounts.of(bins);
    long below = 0;
    for (int bin = 0; bin < 230; bin++) {
      assertThat(counts.below(bin)).isEqualTo(below);
      below += bins.count(bin);
    }
    Bins copy = new Bins();
    counts.addTo(copy);
    assertThat(BinCounts.of(copy).total()).isEqualTo(500);
    assertThat(Bins.cliffsDelta(bins, copy)).isZero();
    assertThat(BinCounts.EMPTY.below(10)).isZero();
  }
}

package io.agentlog.insight.statistics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.agentlog.insight.statistics.Calibration.Sums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Statistics of bins against the same statistics of the values. */
class StatisticsTest {
  private final Random random = new Random(7);

  @Test
  void quantileOfBinsIsWithinOnePercentOfTheValueAtItsRank() {
    for (int n : new int[] {1, 2, 19, 20, 21, 100, 1_000}) {
      long[] micros = new long[n];
      Bins bins = new Bins();
      for (int i = 0; i < n; i++) {
        micros[i] = (long) Math.exp(3 + 15 * random.nextDouble());
        bins.add(Scales.durationBin(micros[i]), 1);
      }
      Arrays.sort(micros);
      for (double quantile : new double[] {0.5, 0.95, 0.99}) {
        double exact = micros[(int) Math.ceil(quantile * n - 1e-9) - 1];
        double found = Scales.micros(requireNonNull(bins.quantile(quantile)));
        assertThat(found / exact).as("%s of %s", quantile, n).isBetween(0.989, 1.011);
      }
    }
  }

  @Test
  void cliffsDeltaOfBinsCountsPairs() {
    int[] before = {3, 5, 5, 9, 200};
    int[] after = {5, 6, 6, 9, 10, 11};
    double higher = 0;
    for (int a : after) {
      for (int b : before) {
        higher += Integer.signum(a - b);
      }
    }
    assertThat(Bins.cliffsDelta(of(before), of(after)))
        .isCloseTo(higher / (before.length * after.length), within(1e-12));
    assertThat(Bins.cliffsDelta(of(), of(after))).isNull();
  }

  private static Bins of(int... values) {
    Bins bins = new Bins();
    for (int value : values) {
      bins.add(value, 1);
    }
    return bins;
  }

  /** The figures of Brown, Cai and DasGupta (2001), and of Newcombe (1998), method 10. */
  @Test
  void intervalsAreThoseOfTheLiterature() {
    assertThat(requireNonNull(Interval.of(0, 10)).high()).isCloseTo(0.2775, within(5e-5));
    assertThat(requireNonNull(Interval.of(0, 10)).low()).isZero();
    assertThat(requireNonNull(Interval.of(5, 10)).low()).isCloseTo(0.2366, within(5e-5));
    assertThat(requireNonNull(Interval.of(10, 10)).high()).isEqualTo(1);
    Interval difference = requireNonNull(Interval.ofDifference(48, 80, 56, 70)); // 56/70 less 48/80
    assertThat(difference.low()).isCloseTo(0.0524, within(5e-5));
    assertThat(difference.high()).isCloseTo(0.3339, within(5e-5));
  }

  /** Decisions whose success is drawn by {@code rate}; one row of sums a hundredth. */
  private List<Sums> made(int n, DoubleUnaryOperator rate, double[] brier) {
    Sums[] bins = new Sums[100];
    Arrays.fill(bins, Sums.NONE);
    for (int i = 0; i < n; i++) {
      double confidence = random.nextDouble();
      boolean succeeds = random.nextDouble() < rate.applyAsDouble(confidence);
      int good = succeeds ? 1 : 0;
      brier[0] += (confidence - good) * (confidence - good) / n;
      int bin = (int) (confidence * 100);
      bins[bin] =
          bins[bin].plus(
              new Sums(1, good, confidence, confidence * confidence, good * confidence, 0, 0, 0));
    }
    return new ArrayList<>(List.of(bins));
  }

  @Test
  void partsOfTheBrierScoreAddUpToTheScoreOfEachDecision() {
    double[] brier = {0};
    Calibration found = Calibration.of(made(5_000, confidence -> 0.9 * confidence, brier));
    assertThat(found.brier()).isCloseTo(brier[0], within(1e-9));
    double sum =
        requireNonNull(found.reliability())
            - requireNonNull(found.resolution())
            + requireNonNull(found.uncertainty());
    assertThat(sum).isCloseTo(brier[0], within(1e-9));
    assertThat(found.groups()).hasSize(10);
    assertThat(found.groups().stream().mapToLong(Calibration.Group::n).sum()).isEqualTo(5_000);
    assertThat(found.groups()).allMatch(group -> group.n() > 400 && group.n() < 600);
  }

  /** One confidence alone may fill several groups, as that of rules that are always sure. */
  @Test
  void groupsAreOfAboutEqualCountBesideABinThatIsLarge() {
    List<Sums> bins = new ArrayList<>();
    bins.add(new Sums(500, 400, 250, 125, 200, 0, 0, 0));
    for (int i = 0; i < 50; i++) {
      bins.add(new Sums(10, 9, 9, 8.1, 8.1, 0, 0, 0));
    }
    assertThat(Calibration.of(bins).groups())
        .extracting(Calibration.Group::n)
        .containsExactly(500L, 100L, 100L, 100L, 100L, 100L);
  }

  @Test
  void nothingIsSaidOfNoDecisions() {
    Calibration found = Calibration.of(List.of());
    assertThat(found.ece()).isNull();
    assertThat(found.groups()).isEmpty();
    assertThat(found.tellsNothing()).isFalse();
  }
}

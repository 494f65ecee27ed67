package io.agentlog.insight.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: noise turns no build red, and an agent that is really worse does. Method: executions drawn
 * with fixed seeds, 200 runs each, compared with a baseline of the same or of a better
 * distribution.
 */
class ComparisonsTest {
  private static final int RUNS = 200;

  private static Limits limits(String maxDrop) {
    return new Limits(
        null, null, null, null, null, null, Map.of(), new BigDecimal(maxDrop), 30, false);
  }

  /** Draws executions: lognormal durations, and scores that are mostly 1 or spread over all. */
  private static AgentRows drawn(
      SplittableRandom random,
      int count,
      double failures,
      double median,
      boolean tied,
      double worse) {
    AgentRows rows = new AgentRows();
    for (int i = 0; i < count; i++) {
      double score =
          tied ? (random.nextDouble() < 0.95 ? 1 : random.nextDouble()) : random.nextDouble();
      rows.add(
          random.nextDouble() < failures,
          Math.round(median * Math.exp(gauss(random))),
          Math.round(1e6 * Math.max(0, score - worse)));
    }
    return rows;
  }

  private static double gauss(SplittableRandom random) {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }

  private static List<Check> compared(AgentRows now, AgentRows before, String maxDrop) {
    Profile baseline = before.profile();
    return new Comparisons(limits(maxDrop), Comparisons.count(baseline)).of(now, baseline);
  }

  /** Without a limit on the difference, only the tests keep noise out. */
  @ParameterizedTest
  @CsvSource({
    "60, 60, 0.02, false",
    "300, 1000, 0.02, false",
    "300, 1000, 0.2, true",
    "1000, 300, 0.005, true",
    "1000, 1000, 0.05, true"
  })
  void runsOfOneDistributionAreRedInFiveOfTwoHundredAtMost(
      int count, int baseline, double failures, boolean tied) {
    int red = 0;
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(run);
      List<Check> checks =
          compared(
              drawn(random, count, failures, 1e6, tied, 0),
              drawn(random, baseline, failures, 1e6, tied, 0),
              "0");
      assertThat(checks).hasSize(3);
      red += checks.stream().anyMatch(check -> check.verdict() == Verdict.FAIL) ? 1 : 0;
    }
    assertThat(red).isLessThanOrEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "0.15, 1e6, 0, failures against the baseline",
    "0.02, 2e6, 0, slower than the baseline's p95",
    "0.02, 1e6, 0.2, quality against the baseline"
  })
  void agentThatIsWorseIsRedForThatReasonAlone(
      double failures, double median, double worse, String check) {
    List<String> red = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(run);
      compared(
              drawn(random, 300, failures, median, false, worse),
              drawn(random, 1000, 0.02, 1e6, false, 0),
              "0.05")
          .stream()
          .filter(found -> found.verdict() == Verdict.FAIL)
          .forEach(found -> red.add(found.check()));
    }
    assertThat(red).hasSizeGreaterThanOrEqualTo(190).containsOnly(check);
  }

  @Test
  void sureDifferenceBelowTheLimitIsAllowed() {
    SplittableRandom random = new SplittableRandom(1);
    AgentRows before = drawn(random, 100_000, 0.01, 1e6, false, 0);
    AgentRows now = drawn(random, 100_000, 0.03, 1e6, false, 0);
    assertThat(compared(now, before, "0.05").get(0).verdict()).isEqualTo(Verdict.PASS);
    assertThat(compared(now, before, "0.01").get(0).verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void agentsShareTheLevel() {
    SplittableRandom random = new SplittableRandom(1);
    AgentRows before = drawn(random, 300, 0.01, 1e6, false, 0);
    Check.Against against =
        new Comparisons(limits("0.05"), 60).of(before, before.profile()).get(0).against();
    assertThat(against).isNotNull();
    assertThat(against.level()).isEqualTo(0.01 / 60);
  }
}

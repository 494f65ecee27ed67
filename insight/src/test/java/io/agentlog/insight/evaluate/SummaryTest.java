package io.agentlog.insight.evaluate;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.BinCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: the sentence of a look says why a figure that looks bad is not judged to be. */
class SummaryTest {
  private static final Instant BEGIN = Instant.parse("2026-11-30T03:45:00Z");
  private static final Duration SLOT = Duration.ofMinutes(5);

  private static final Condition LIMIT =
      new Condition.FailureRate(
          List.of(Duration.ofMinutes(15)), null, 30, 0.02, Condition.Unit.EXECUTION);

  @Test
  void burstOfFiveMinutesIsSaidToBeOne() {
    Look look = look(0, 0, 100);

    assertThat(look.verdict()).isEqualTo(Look.Verdict.FINE);
    assertThat(summary(look))
        .contains("100 of 1500 executions", "at most 2 % may; most of them came within five");
  }

  @Test
  void failuresThatGoOnAreWorse() {
    Look look = look(0, 100, 100);

    assertThat(look.verdict()).isEqualTo(Look.Verdict.WORSE);
    assertThat(summary(look)).doesNotContain("most of them");
  }

  @Test
  void windowWithoutExecutionsHasNoFigures() {
    Series series = new Series("a", BEGIN, BEGIN);

    assertThat(summary(look(series)))
        .isEqualTo("a: no execution ended in the last 15 minutes, so nothing to judge");
  }

  private static String summary(Look look) {
    return requireNonNull(look.evidence()).summary();
  }

  private static Look look(long... failed) {
    Series series = new Series("a", BEGIN, BEGIN);
    for (int i = 0; i < failed.length; i++) {
      series.putSlot(
          BEGIN.plus(SLOT.multipliedBy(i)),
          new Slot(500, failed[i], 0, 0, 0, 0, 0, BinCounts.EMPTY, BinCounts.EMPTY));
    }
    return look(series);
  }

  private static Look look(Series series) {
    return new Evaluator(Simulation.rule("limit", LIMIT), 1, series)
        .look(BEGIN.plus(SLOT.multipliedBy(3)), List.of());
  }
}

package io.agentlog.insight.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Goal: each minute is computed while it runs, at its times after its end, and never left behind.
 * Method: time is a number; ticks come every ten seconds, late, or not at all for a while.
 */
class CadenceTest {
  private static final Instant START = Instant.parse("2026-11-29T23:50:00Z");

  @Test
  void minuteIsComputedSixTimesWhileItRunsAndFiveTimesAfterItsEnd() {
    Map<Instant, List<Duration>> computed = new TreeMap<>();
    Instant last = START;
    for (int second = 10; second <= 900; second += 10) {
      Instant now = START.plusSeconds(second);
      for (Instant minute : Cadence.due(last, now)) {
        computed
            .computeIfAbsent(minute, m -> new ArrayList<>())
            .add(Duration.between(minute.plusSeconds(60), now));
      }
      assertThat(Cadence.missed(last, now)).isNull();
      last = now;
    }
    assertThat(computed.get(START.plusSeconds(300)).stream().filter(age -> age.toSeconds() > 0))
        .containsExactly(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(120),
            Duration.ofSeconds(180));
    assertThat(
            computed.get(START.plusSeconds(300)).stream()
                .filter(age -> age.toSeconds() > -60 && age.toSeconds() <= 0))
        .hasSizeGreaterThanOrEqualTo(5);
  }

  @Test
  void restsLongerAfterAComputationThatTookLong() {
    assertThat(Cadence.period(Duration.ofMillis(500))).isEqualTo(Cadence.PERIOD);
    assertThat(Cadence.period(Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(40));
    assertThat(Cadence.period(Duration.ofSeconds(9))).isEqualTo(Cadence.PERIOD_MAX);
  }

  @Test
  void everyMinuteIsComputedThreeMinutesAfterItsEndOrIsHistory() {
    Random random = new Random(3);
    for (int run = 0; run < 300; run++) {
      Map<Instant, Instant> lastComputed = new TreeMap<>();
      Instant last = START;
      Instant now = START;
      while (now.isBefore(START.plusSeconds(1_800))) {
        now =
            now.plusMillis(
                random.nextInt(20) == 0 ? random.nextInt(900_000) : 8_000 + random.nextInt(40_000));
        Instant time = now;
        Cadence.due(last, now).forEach(minute -> lastComputed.put(minute, time));
        Range missed = Cadence.missed(last, now);
        for (Instant m = missed == null ? now : missed.begins();
            missed != null && m.isBefore(missed.ends());
            m = m.plusSeconds(60)) {
          lastComputed.put(m, now);
        }
        last = now;
      }
      for (Instant m = START; m.isBefore(now.minusSeconds(300)); m = m.plusSeconds(60)) {
        assertThat(lastComputed.get(m))
            .as("%s, run %s", m, run)
            .isAfterOrEqualTo(m.plusSeconds(240));
      }
    }
  }
}

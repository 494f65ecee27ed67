package io.agentlog.insight.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.agentlog.insight.rules.Condition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The false alarms of a rule are shared by all looks, agents and tests. A simulation sees few false
 * alarms, so it would not see that each look may have twice its share; this arithmetic does.
 */
class BudgetTest {
  private static final double PER_WEEK = 0.01;

  @Test
  void looksOfAllWindowsAreCounted() {
    assertThat(Budget.looksPerWeek(Simulation.failures(null, 30))).isEqualTo(2_016 + 336);
    assertThat(Budget.looksPerWeek(latency(Duration.ofMinutes(15)))).isEqualTo(2_016);
    assertThat(Budget.looksPerWeek(latency(Duration.ofHours(24)))).isEqualTo(84);
  }

  @Test
  void shareIsThatOfTheContractWithTheUser() {
    assertThat(level(Simulation.failures(null, 30), 1)).isCloseTo(4.25e-6, within(0.01e-6));
    assertThat(level(Simulation.failures(null, 30), 20)).isCloseTo(2.13e-7, within(0.01e-7));
    assertThat(level(Simulation.latency(30), 20)).isCloseTo(2.13e-7, within(0.01e-7));
    assertThat(level(quality(), 1)).as("three tests").isCloseTo(1.42e-6, within(0.01e-6));
  }

  /** Union bound: all looks of a week at all agents together have the rule's false alarms. */
  @Test
  void sharesOfAWeekAddUpToTheFalseAlarmsOfTheRule() {
    for (int agents : new int[] {1, 7, 200}) {
      for (Condition.Windowed condition :
          List.of(Simulation.failures(0.05, 30), Simulation.latency(30))) {
        double week = level(condition, agents) * agents * Budget.looksPerWeek(condition);
        assertThat(week).isCloseTo(PER_WEEK, within(1e-12));
      }
      double week = level(quality(), agents) * agents * 3 * Budget.looksPerWeek(quality());
      assertThat(week).isCloseTo(PER_WEEK, within(1e-12));
    }
  }

  private static double level(Condition.Windowed condition, int agents) {
    return new Evaluator(
            Simulation.rule("rule", condition),
            agents,
            new Series("agent", World.START, World.START))
        .level();
  }

  private static Condition.Quality quality() {
    return new Condition.Quality(Simulation.WINDOWS, Simulation.SAME_HOUR, 50, 0.2);
  }

  private static Condition.Latency latency(Duration window) {
    return new Condition.Latency(
        List.of(window), null, 30, 0.95, Duration.ofSeconds(2), 1.25, Duration.ofMillis(200));
  }
}

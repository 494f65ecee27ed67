package io.agentlog.insight.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.rules.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is worse is found with as few executions as the tests' arithmetic says. Method: a
 * change after 28 days, one agent, and as many executions an hour as a full window of an hour
 * needs; it has to fire within two hours. {@code -Dagentlog.simulation.runs=300} makes the table in
 * docs/performance.md.
 */
class PowerTest {
  private static final int RUNS = Integer.getInteger("agentlog.simulation.runs", 20);

  /** Of 20 runs, of which 19 are expected to find it. */
  private static final double FOUND_MIN = 0.8;

  private static final int MIN_COUNT = 20;
  private static final Duration FOUND_WITHIN = Duration.ofHours(2);

  /** Makes a share of 20 % of what was over the 95 % quantile. */
  private static final double SLOWER = 2.232;

  private record Change(String name, Condition.Windowed condition, World before, World after) {}

  @Test
  void findsChangesWithTheExecutionsOfAFullWindow() {
    List<String> missed = new ArrayList<>();
    for (Change change : changes()) {
      int found = 0;
      for (int run = 0; run < RUNS; run++) {
        found += isFound(change, run) ? 1 : 0;
      }
      String line =
          "| " + change.name + " | " + (long) change.before.perHour() + " | " + found + " |";
      if (RUNS >= 100) {
        System.out.println(line);
      }
      if (found < FOUND_MIN * RUNS) {
        missed.add(line);
      }
    }
    assertThat(missed).isEmpty();
  }

  private static boolean isFound(Change change, int run) {
    Instant begin = World.START.plus(World.HISTORY);
    Instant end = begin.plus(FOUND_WITHIN);
    long seed = Simulation.seed(change.name, run);
    History history =
        new History("agent", begin.minus(Duration.ofHours(6)))
            .until(begin, change.before.new Stream(seed))
            .until(end, change.after.new Stream(seed + 1_000_000));
    return Simulation.firstAlarm(
            Simulation.rule(change.name, change.condition), 1, history.series, begin, FOUND_WITHIN)
        != null;
  }

  private static List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    double[][] failures = {
      {0.01, 0.05, 549}, {0.01, 0.10, 154}, {0.02, 0.10, 272}, {0.05, 0.20, 154}, {0.05, 0.50, 26}
    };
    for (double[] each : failures) {
      changes.add(
          new Change(
              "failures " + Words.percent(each[0]) + " to " + Words.percent(each[1]),
              Simulation.failures(null, MIN_COUNT),
              new World(each[0], World.NONE, World.NONE, each[2]),
              new World(each[1], World.NONE, World.NONE, each[2])));
    }
    // With 55, 113 and 567, which one test alone needs, 266, 253 and 223 of 300 were found.
    double[][] deltas = {{0.474, 77}, {0.33, 158}, {0.147, 794}};
    for (double[] each : deltas) {
      changes.add(
          new Change(
              "quality, delta " + each[0],
              new Condition.Quality(Simulation.WINDOWS, Simulation.SAME_HOUR, MIN_COUNT, 0.05),
              new World(0, Simulation.BETA, World.NONE, each[1]),
              new World(0, World.lower(Simulation.BETA, each[0]), World.NONE, each[1])));
    }
    changes.add(
        new Change(
            "a fifth over the 95 % quantile",
            Simulation.latency(MIN_COUNT),
            new World(0, World.NONE, Simulation.LOGNORMAL, 154),
            new World(0, World.NONE, World.longer(Simulation.LOGNORMAL, SLOWER), 154)));
    return changes;
  }
}

package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Goal: no order of events and no end of a process or machine makes the journal lose, forge or
 * disorder a record. Method: simulate disk, clock and threads, each schedule from a seed; see
 * {@link JournalSimulation}.
 *
 * <pre>
 *  -Dagentlog.simulation.schedules=1000000   number of schedules
 *  -Dagentlog.simulation.first=0             seed of the first schedule
 *  -Dagentlog.simulation.seed=123            run only this schedule, and print every operation
 * </pre>
 */
@Tag("long")
class JournalSimulationTest {
  private static final long SCHEDULES = Long.getLong("agentlog.simulation.schedules", 20_000);
  private static final long FIRST = Long.getLong("agentlog.simulation.first", 0);
  private static final Long SEED = Long.getLong("agentlog.simulation.seed");
  private static final int THREAD_COUNT = Runtime.getRuntime().availableProcessors();

  /** One crash at each point for so many schedules; the rarest have three. */
  private static final long SCHEDULES_PER_HIT = 1_000;

  /** With fewer chance could leave one out. */
  private static final long COUNTED_FROM = 10_000;

  @Test
  void everyPromiseHoldsInEverySchedule() throws InterruptedException {
    if (SEED != null) {
      new JournalSimulation(new long[CrashPoint.COUNT], true).run(SEED);
      return;
    }
    long startNanos = System.nanoTime();
    SimulationRun run = SimulationRun.of(FIRST, SCHEDULES, THREAD_COUNT, TimeUnit.HOURS.toNanos(1));
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.printf(
        "%d schedules in %.1f s, %.0f a second%n",
        run.doneCount(), seconds, run.doneCount() / seconds);
    if (run.failure() != null) {
      throw new AssertionError(
          "replay with -Dagentlog.simulation.seed=" + run.failedSeed(), run.failure());
    }
    for (CrashPoint point : CrashPoint.values()) {
      System.out.printf("%9d crashes at %s%n", run.hits(point), point);
      if (SCHEDULES >= COUNTED_FROM) {
        assertThat(run.hits(point))
            .as("crashes at %s", point)
            .isGreaterThanOrEqualTo(SCHEDULES / SCHEDULES_PER_HIT);
      }
    }
  }
}

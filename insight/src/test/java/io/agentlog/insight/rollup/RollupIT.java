package io.agentlog.insight.rollup;

import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.event.Event;
import io.agentlog.postgres.Partitioning;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: however events come, the trends say what the rows say. Method: the agent's own merge into a
 * real database, ticks between the batches, and then the same tables computed from scratch.
 */
@Timeout(240)
class RollupIT {
  private static final Path PROGRAMS = Path.of("target/libraries/postgres");
  private static final int EXECUTIONS = Integer.getInteger("agentlog.rollup.executions", 6_500);

  /** On other servers and tables, which differ in their plans and not in the figures. */
  private static final int EXECUTIONS_ELSEWHERE = EXECUTIONS / 2;

  @Test
  void eventsInAnyOrderGiveTheFiguresOfARollupFromScratch() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase())) {
      deliverAndCompare(fixture, EXECUTIONS, true);
    }
  }

  @Test
  void theSameOnTheOldestPostgresWithoutTheIndexOnUpdatedAt() throws Exception {
    try (Stream<Path> jars = Files.list(PROGRAMS)) {
      Path oldest = jars.sorted().findFirst().orElseThrow();
      try (RollupFixture fixture = new RollupFixture(Postgres.startProcess(oldest))) {
        assertThat(
                fixture.query(
                    "SELECT count(*) FROM pg_class WHERE relname = 'agent_execution_logs_updated'"))
            .isZero();
        deliverAndCompare(fixture, EXECUTIONS_ELSEWHERE, false);
      }
    }
  }

  @Test
  void theSameOnTablesThatArePartitionedByDay() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase())) {
      new Partitioning(fixture.config(), line -> {}).run(LocalDate.now(UTC).plusDays(2));
      deliverAndCompare(fixture, EXECUTIONS_ELSEWHERE, true);
    }
  }

  private static void deliverAndCompare(
      RollupFixture fixture, int executions, boolean findsLateEnds) throws Exception {
    Random random = new Random(7);
    List<Event> events = new RandomEvents(7).of(executions);
    int ticks = 0;
    for (int from = 0; from < events.size(); ) {
      int to = Math.min(events.size(), from + 1 + random.nextInt(900));
      fixture.write(events.subList(from, to));
      from = to;
      if (random.nextBoolean()) {
        fixture.passMinute();
        fixture.rollup.tick();
        ticks++;
      }
    }
    assertThat(ticks).isGreaterThan(5);
    if (findsLateEnds) {
      fixture.settle();
    } else {
      fixture.reconcile();
    }

    assertThat(
            fixture.query(
                "SELECT sum(ended + provisional) FROM agent_insight_rollup WHERE level = 3"))
        .isEqualTo(
            fixture.query(
                "SELECT count(*) FROM agent_execution_logs WHERE completed_at IS NOT NULL"));
    fixture.startFromScratch();
    for (String table : RollupFixture.ROWS.keySet()) {
      assertThat(fixture.query("SELECT count(*) FROM kept_" + table)).as(table).isPositive();
      assertThat(fixture.differences(table)).as(table).isEmpty();
    }
  }
}

package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.CapturedLog;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the lease renews, sweeps and forgets, and what it makes of refusals. */
class InstanceLeaseTest {
  private static final UUID INSTANCE = UUID.fromString("019a0000-0000-7000-8000-0000000000ff");
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final String RENEW = "INSERT INTO agent_instances";
  private static final String SWEEP = "FOR UPDATE OF l SKIP LOCKED";
  private static final String FORGET = "DELETE FROM agent_instances";

  private final CapturedLog log = new CapturedLog();
  private final FakeDatabase database = new FakeDatabase();
  private final PostgresTarget target =
      PostgresTarget.of(new TestConfig().with("postgres.url", "jdbc:postgresql://db/app?user=me"));
  private long now = -5 * SECOND_NANOS; // System.nanoTime may be negative.
  private double random = 0.5;
  private final InstanceLease lease =
      new InstanceLease(INSTANCE, "shop", target, () -> now, () -> random);

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void leaseBeginsWithTheFirstKeepAndIsNeverDueBefore() throws SQLException {
    now += 10_000 * SECOND_NANOS;
    assertThat(lease.hasBegun()).isFalse();
    assertThat(lease.isDue()).isFalse();
    keep();

    assertThat(lease.hasBegun()).isTrue();
    assertThat(lease.isDue()).isFalse();
    assertThat(database.statements())
        .satisfiesExactly(
            limit -> assertThat(limit.sql()).contains("lock_timeout', '5000'", "30000"),
            renewal ->
                assertThat(renewal)
                    .isEqualTo(
                        new FakeDatabase.Ran(InstanceLease.RENEW, List.of(INSTANCE, "shop"))));
    assertThat(database.log()).endsWith("commit");
  }

  @Test
  void leaseIsRenewedEveryTenSecondsAndDoesNothingBetween() throws SQLException {
    keep();
    now += 10 * SECOND_NANOS - 1;
    assertThat(lease.isDue()).isFalse();
    keep();
    assertThat(database.count(RENEW)).isEqualTo(1);
    now += 1;
    assertThat(lease.isDue()).isTrue();
    keep();

    assertThat(database.count(RENEW)).isEqualTo(2);
  }

  @Test
  void firstSweepAndForgettingWaitForTheTimeInWhichNobodyMayJudge() throws SQLException {
    keep();
    now += 140 * SECOND_NANOS - 1; // 125 s, and half of 30 s.
    keep();
    assertThat(database.count(SWEEP)).isZero();
    assertThat(database.count(FORGET)).isZero();
    now += 1;
    keep();

    assertThat(database.count(SWEEP)).isEqualTo(1);
    assertThat(database.count(FORGET)).isEqualTo(1);
    assertThat(database.statements().get(database.statements().size() - 1).parameters())
        .isEqualTo(List.of(INSTANCE, 1_000));
  }

  @Test
  void sweepsComeAfterThreeToFiveQuartersOfHalfAMinute() throws SQLException {
    keepUntilSweep();
    random = 0;
    assertSweepAfter(30); // Drawn before, with a half.
    assertSweepAfter(22.5);
    random = 1;
    assertSweepAfter(22.5);
    assertSweepAfter(37.5);
  }

  @Test
  void fullSweepGoesOnAtOnce() throws SQLException {
    database.on(SWEEP, lost(InstanceLease.SWEEP_ROWS_MAX), lost(InstanceLease.SWEEP_ROWS_MAX - 1));
    keepUntilSweep();
    assertThat(lease.isDue()).isTrue();
    keep();

    assertThat(database.count(SWEEP)).isEqualTo(2);
    assertThat(lease.isDue()).isFalse();
  }

  @Test
  void sweptExecutionsAreSummedAndLoggedAtMostOnceAMinute() throws SQLException {
    database.on(SWEEP, lost(1_000), lost(3), lost(4), lost(5), lost(0));
    keepUntilSweep();
    keep();
    assertSweepAfter(30);
    assertSweepAfter(30);
    assertSweepAfter(30);

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - marked 1003 executions of dead JVMs as failed",
            "[agentlog] postgres - marked 9 executions of dead JVMs as failed");
  }

  @Test
  void forgettingComesOnceAnHour() throws SQLException {
    keepUntilSweep();
    now += 3_600 * SECOND_NANOS - 1;
    keep();
    assertThat(database.count(FORGET)).isEqualTo(1);
    now += 1;
    keep();

    assertThat(database.count(FORGET)).isEqualTo(2);
  }

  @Test
  void refusedLeaseIsReportedOnceAndTriedAgainTenMinutesLater() throws SQLException {
    database.on(RENEW, FakeDatabase.refused("42P01"), FakeDatabase.refused("42P01"), 1);
    keep();
    assertThat(database.log()).endsWith("rollback");
    assertThat(lease.hasBegun()).isTrue(); // Events are delivered without it.
    now += 600 * SECOND_NANOS - 1;
    assertThat(lease.isDue()).isFalse();
    now += 1;
    assertThat(lease.isDue()).isTrue();
    keep();
    now += 600 * SECOND_NANOS;
    keep();

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - WARN no lease is kept at db:5432/app (SQLSTATE 42P01: no): if"
                + " this JVM and its disk are lost, its running executions stay in_progress. Set"
                + " agentlog.postgres.schema=migrate, once as a user who may make the table"
                + " agent_instances",
            "[agentlog] postgres - the lease at db:5432/app is kept again");
    assertThat(database.count(SWEEP)).isZero(); // The wait for the first sweep begins anew.
  }

  @Test
  void refusedLeaseNeverSweeps() throws SQLException {
    database.on(RENEW, 1, FakeDatabase.refused("42501"));
    keep();
    now += 3_600 * SECOND_NANOS;
    keep();

    assertThat(log.lines()).hasSize(1);
    assertThat(database.count(SWEEP)).isZero();
  }

  @Test
  void conflictThatPassesLetsNoRowBeWrittenWithoutALease() {
    SQLException conflict = FakeDatabase.refused("55P03");
    database.on(RENEW, conflict);

    assertThatThrownBy(this::keep).isSameAs(conflict);
    assertThat(lease.hasBegun()).isFalse();
    assertThat(database.log()).endsWith("rollback");
  }

  @Test
  void conflictThatPassesLeavesALeaseThatIsHeld() throws SQLException {
    database.on(RENEW, 1, FakeDatabase.refused("55P03"));
    keep();
    now += 10 * SECOND_NANOS;
    keep();

    assertThat(log.lines()).isEmpty();
    assertThat(lease.hasBegun()).isTrue();
    now += 10 * SECOND_NANOS - 1;
    assertThat(lease.isDue()).isFalse();
    now += 1;
    assertThat(lease.isDue()).isTrue();
  }

  @Test
  void unreachableServerIsThrownFromEveryStep() throws SQLException {
    SQLException broken = FakeDatabase.broken();
    database.on(RENEW, broken, 1, 1).on(SWEEP, broken, lost(0)).on(FORGET, broken);

    assertThatThrownBy(this::keep).isSameAs(broken);
    assertThat(lease.hasBegun()).isFalse();
    keep();
    now += 140 * SECOND_NANOS;
    assertThatThrownBy(this::keep).isSameAs(broken);
    assertThatThrownBy(this::keep).isSameAs(broken);
    assertThat(database.log()).doesNotContain("rollback");
  }

  @Test
  void refusedSweepIsReportedOnceAndTriedAgainTenMinutesLater() throws SQLException {
    database.on(SWEEP, FakeDatabase.refused("23514"), FakeDatabase.refused("23514"));
    keepUntilSweep();
    assertThat(database.log()).contains("rollback");
    assertSweepAfter(600);

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - WARN can't mark executions of dead JVMs at db:5432/app as"
                + " failed: SQLSTATE 23514: no. They stay in_progress; allow the update (constraint"
                + " or trigger)");
  }

  @Test
  void sweepThatTheServerEndsTakesFewerRowsAndGrowsAgain() throws SQLException {
    database.on(SWEEP, FakeDatabase.refused("57014"), lost(125), lost(250), lost(3));
    keepUntilSweep();
    assertSweepAfter(30);
    keep(); // It was full.
    keep();

    assertThat(database.statements())
        .filteredOn(ran -> ran.sql().contains(SWEEP))
        .extracting(ran -> ran.parameters().get(1))
        .containsExactly(1_000, 125, 250, 500);
    assertThat(log.lines())
        .containsExactly("[agentlog] postgres - marked 378 executions of dead JVMs as failed");
  }

  @Test
  void sweepOfOneRowThatTheServerEndsIsReportedAndTriedAgainTenMinutesLater() throws SQLException {
    Object[] ended = new Object[5];
    Arrays.fill(ended, FakeDatabase.refused("57014"));
    database.on(SWEEP, ended);
    keepUntilSweep();
    for (int n = 0; n < 3; n++) {
      assertSweepAfter(30);
    }
    assertSweepAfter(600);

    assertThat(log.lines())
        .hasSize(1)
        .first()
        .asString()
        .contains("SQLSTATE 57014", "missing index agent_execution_logs_running");
  }

  @Test
  void sweepThatIsRefusedAgainAfterASuccessIsReportedAgain() throws SQLException {
    database.on(SWEEP, FakeDatabase.refused("23514"), lost(0), FakeDatabase.refused("23514"));
    keepUntilSweep();
    assertSweepAfter(600);
    assertSweepAfter(30);

    assertThat(log.lines()).hasSize(2);
  }

  @Test
  void refusalToForgetIsNotReported() throws SQLException {
    database.on(FORGET, FakeDatabase.refused("42501"));
    keepUntilSweep();

    assertThat(log.lines()).isEmpty();
    assertThat(database.log()).endsWith("rollback");
  }

  @Test
  void endOfAHeldLeaseIsOneStatementWithAShortTimeLimit() throws SQLException {
    keep();
    database.log().clear();
    lease.end(database.connection());

    assertThat(database.log())
        .containsExactly(
            "timeout 500",
            "UPDATE agent_instances SET renewed_at = pg_catalog.now(), lease_until = pg_catalog.now()",
            "commit");
    assertThat(database.statements().get(2).parameters()).isEqualTo(List.of(INSTANCE));
    assertThat(lease.hasBegun()).isFalse();
    database.log().clear();
    lease.end(database.connection()); // It has ended.
    assertThat(database.log()).isEmpty();
  }

  /** Executions that a sweep finds. */
  private static Object lost(int count) {
    return FakeDatabase.rows(
        Stream.generate(() -> FakeDatabase.row(UUID.randomUUID().toString()))
            .limit(count)
            .toArray(Object[][]::new));
  }

  private void keep() throws SQLException {
    lease.keep(database.connection());
  }

  private void keepUntilSweep() throws SQLException {
    keep();
    now += 140 * SECOND_NANOS;
    keep();
  }

  /** Checks that the next sweep comes at this time and not before. */
  private void assertSweepAfter(double seconds) throws SQLException {
    long swept = database.count(SWEEP);
    now += (long) (seconds * SECOND_NANOS) - 1;
    keep();
    assertThat(database.count(SWEEP)).isEqualTo(swept);
    now += 1;
    keep();
    assertThat(database.count(SWEEP)).isEqualTo(swept + 1);
  }
}

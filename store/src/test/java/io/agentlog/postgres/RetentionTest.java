package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.CapturedLog;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When retention removes, what it asks for, and what it makes of refusals. */
class RetentionTest {
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Parts that only one of the two statements has. */
  private static final String ENDED = "status::text <> 'in_progress'";

  private static final String STARTLESS = "started_at IS NULL";

  private final CapturedLog log = new CapturedLog();
  private final FakeDatabase database = new FakeDatabase();
  private final PostgresTarget target =
      PostgresTarget.of(new TestConfig().with("postgres.url", "jdbc:postgresql://db/app?user=me"));
  private long now = -5 * SECOND_NANOS; // System.nanoTime may be negative.
  private double random = 0.5;

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void firstRunWaitsUpToAQuarterOfTheTimeBetweenRuns() {
    random = 0;
    assertThat(retention().isDue()).isTrue();
    random = 1;
    Retention late = retention();
    assertDueAfter(late, 75 * SECOND_NANOS);
  }

  @Test
  void runRemovesEndedExecutionsThenThoseWithoutAStart() throws SQLException {
    Retention retention = started();
    database.on("WITH old", removed(3, "2026-01-01"), removed(0, null));
    retention.prune(database.connection());
    assertThat(retention.isDue()).isTrue(); // The second statement follows at once.
    retention.prune(database.connection());

    assertThat(database.statements().get(1).sql()).contains(ENDED);
    assertThat(database.statements().get(3).sql()).contains(STARTLESS);
    assertThat(database.log())
        .containsExactly(
            "SET LOCAL statement_timeout = 3000",
            "WITH old AS (",
            "commit",
            "SET LOCAL statement_timeout = 3000",
            "WITH old AS (",
            "commit");
    assertDueAfter(retention, 300 * SECOND_NANOS);
  }

  @Test
  void nextRunComesAfterThreeToFiveQuartersOfItsTime() throws SQLException {
    Retention early = started();
    random = 0;
    run(early);
    assertDueAfter(early, 225 * SECOND_NANOS);
    Retention late = started();
    random = 1;
    run(late);
    assertDueAfter(late, 375 * SECOND_NANOS);
  }

  @Test
  void ageIsSentInSecondsWithItsFraction() throws SQLException {
    Retention retention = new Retention(Duration.ofMillis(90_500), target, () -> now, () -> 0);
    database.on("WITH old", removed(0, null));
    retention.prune(database.connection());

    assertThat(database.statements().get(1).parameters())
        .isEqualTo(List.of("-infinity", 90.5, 90.5, 1_000, 90.5));
  }

  @Test
  void fullStatementRestsThreeTimesItsTimeAndTheNextBeginsWhereItEnded() throws SQLException {
    Retention retention = started();
    Supplier<Object> slow =
        () -> {
          now += 2 * SECOND_NANOS;
          return removed(Retention.ROWS_MAX, "2026-01-01 00:00:00+00");
        };
    database.on("WITH old", slow, removed(999, "2026-01-02 00:00:00+00"));
    retention.prune(database.connection());
    assertDueAfter(retention, 6 * SECOND_NANOS);
    retention.prune(database.connection());

    assertThat(database.count(ENDED)).isEqualTo(2);
    assertThat(database.statements().get(3).parameters().get(0))
        .isEqualTo("2026-01-01 00:00:00+00");
  }

  @Test
  void everyRunBeginsBeforeAllRows() throws SQLException {
    Retention retention = started();
    database.on(
        "WITH old",
        removed(1_000, "2026-01-01"),
        removed(5, "2026-01-02"), // The first statement has ended.
        removed(1_000, "2026-01-03"),
        removed(7, "2026-01-04"), // The second, which has no order to resume from, has too.
        removed(0, null));
    for (int i = 0; i < 5; i++) {
      retention.prune(database.connection());
    }

    assertThat(
            database.statements().stream()
                .filter(ran -> ran.sql().contains("WITH old"))
                .map(ran -> ran.parameters().get(0)))
        .containsExactly("-infinity", "2026-01-01", "-infinity", "-infinity", "-infinity");
    assertThat(database.count(STARTLESS)).isEqualTo(2);
  }

  @Test
  void removedExecutionsAreSummedAndLoggedOnceAnHour() throws SQLException {
    Retention retention = started();
    run(retention, 3, 4);
    run(retention, 10, 0);
    now += 3_600 * SECOND_NANOS - 1;
    run(retention, 100, 0);
    now += 1;
    run(retention, 1_000, 1, 0);

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - removed 7 executions at db:5432/app that ended longer ago than"
                + " agentlog.retention",
            "[agentlog] postgres - removed 1111 executions at db:5432/app that ended longer ago"
                + " than agentlog.retention");
  }

  @Test
  void runThatRemovesNothingSaysNothing() throws SQLException {
    run(started());

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void refusedStatementIsRolledBackReportedOnceAndTriedAgainTenMinutesLater() throws SQLException {
    Retention retention = started();
    database.on("WITH old", FakeDatabase.refused("42501"), FakeDatabase.refused("42501"));
    retention.prune(database.connection());
    assertThat(database.log()).endsWith("rollback");
    assertDueAfter(retention, 600 * SECOND_NANOS);
    retention.prune(database.connection());

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - WARN executions at db:5432/app that are older than"
                + " agentlog.retention can't be removed (SQLSTATE 42501: no). Run GRANT SELECT,"
                + " UPDATE, DELETE ON agent_execution_logs, agent_execution_progress,"
                + " agent_routing_decisions TO \"me\"");
  }

  @Test
  void refusalAfterASuccessIsReportedAgain() throws SQLException {
    Retention retention = started();
    database.on(
        "WITH old", FakeDatabase.refused("42501"), removed(0, null), FakeDatabase.refused("42501"));
    for (int i = 0; i < 3; i++) {
      retention.prune(database.connection());
    }

    assertThat(log.lines()).hasSize(2);
  }

  @Test
  void conflictThatPassesIsNotReportedAndDelaysByOneRun() throws SQLException {
    Retention retention = started();
    database.on("WITH old", FakeDatabase.refused("40P01"));
    retention.prune(database.connection());

    assertThat(log.lines()).isEmpty();
    assertThat(database.log()).endsWith("rollback");
    assertDueAfter(retention, 300 * SECOND_NANOS);
  }

  @Test
  void statementThatTheServerEndsIsTriedWithFewerRowsAfterARest() throws SQLException {
    Retention retention = started();
    Supplier<Object> ended =
        () -> {
          now += 3 * SECOND_NANOS;
          return FakeDatabase.refused("57014");
        };
    Supplier<Object> quick =
        () -> {
          now += SECOND_NANOS / 2;
          return removed(15, "2026-01-01");
        };
    database.on("WITH old", ended, ended, quick, removed(0, null));
    retention.prune(database.connection());
    assertDueAfter(retention, 9 * SECOND_NANOS);
    retention.prune(database.connection());
    retention.prune(database.connection());
    retention.prune(database.connection());

    assertThat(rows()).containsExactly(1_000, 125, 15, 30);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void rowThatAloneTakesTooLongIsReportedWithItsCause() throws SQLException {
    Retention retention = started();
    Object[] ended = new Object[5];
    Arrays.fill(ended, FakeDatabase.refused("57014"));
    database.on("WITH old", ended);
    for (int n = 0; n < 5; n++) {
      retention.prune(database.connection());
    }

    assertThat(rows()).containsExactly(1_000, 125, 15, 1, 1);
    assertDueAfter(retention, 600 * SECOND_NANOS);
    assertThat(log.lines()).hasSize(1).first().asString().contains("whose column has no index");
  }

  @Test
  void unreachableServerIsThrown() {
    Retention retention = started();
    SQLException broken = FakeDatabase.broken();
    database.on("WITH old", broken);

    assertThatThrownBy(() -> retention.prune(database.connection())).isSameAs(broken);
    assertThat(database.log()).doesNotContain("rollback", "commit");
    assertDueAfter(retention, 300 * SECOND_NANOS); // Events go first.
  }

  private Retention retention() {
    return new Retention(Duration.ofDays(1), target, () -> now, () -> random);
  }

  /** Retention whose first run is due. */
  private Retention started() {
    Retention retention = retention();
    now += Retention.RUN_NANOS;
    return retention;
  }

  /** Runs statements with these counts of removed rows; without any, a run that finds nothing. */
  private void run(Retention retention, int... counts) throws SQLException {
    int[] all = counts.length == 0 ? new int[] {0, 0} : counts;
    for (int count : all) {
      database.on("WITH old", removed(count, "2026-01-01"));
      retention.prune(database.connection());
    }
  }

  /** The numbers of rows that the statements asked for. */
  private List<Object> rows() {
    return database.statements().stream()
        .filter(ran -> ran.sql().contains("WITH old"))
        .map(ran -> ran.parameters().get(3))
        .toList();
  }

  private void assertDueAfter(Retention retention, long nanos) {
    now += nanos - 1;
    assertThat(retention.isDue()).isFalse();
    now += 1;
    assertThat(retention.isDue()).isTrue();
  }

  private static List<Object[]> removed(int count, String last) {
    return FakeDatabase.rows(FakeDatabase.row(count, last));
  }
}

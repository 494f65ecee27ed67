package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.agentlog.backends.Backends;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the trends stay true where rows vanish, move, or are many. Method: rows made by SQL in a
 * real database; time passes by setting what the rollup knows of it.
 */
@Timeout(120)
class RollupLimitsIT {
  private RollupFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RollupFixture(Backends.postgres().newDatabase());
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void bucketsStayWhenRetentionHasRemovedTheirRows() throws Exception {
    insert(600, "now() - interval '30 days' + n * interval '1 minute'");
    insert(600, "now() - interval '20 hours' + n * interval '1 minute'");
    settleFirst();
    assertThat(ended(1)).isEqualTo(600);
    assertThat(ended(2)).isEqualTo(1_200);
    assertThat(ended(3)).isEqualTo(1_200);

    fixture.database.execute(
        "DELETE FROM agent_execution_logs WHERE completed_at < now() - interval '15 hours'");
    insert(1, "now() - interval '30 days' + interval '90 seconds'");
    fixture.reconcile();

    assertThat(ended(1)).isEqualTo(600);
    assertThat(ended(2)).isEqualTo(1_200);
    assertThat(ended(3)).isEqualTo(1_200);
  }

  @Test
  void lateEndIsCountedAlsoWhereTheMinutesAreGone() throws Exception {
    insert(600, "now() - interval '120 days' + n * interval '1 minute'");
    insert(600, "now() - interval '30 days' + n * interval '1 minute'");
    settleFirst();
    insert(7, "now() - interval '30 days' + n * interval '1 minute'");
    insert(5, "now() - interval '120 days' + n * interval '1 minute'");

    fixture.settle();

    assertThat(ended(1)).isZero();
    assertThat(ended(3)).isEqualTo(1_212);
    assertThat(
            fixture.query(
                "SELECT sum(ended) FROM agent_insight_rollup WHERE level = 2 AND bucket > now() -"
                    + " interval '60 days'"))
        .isEqualTo(607);
    fixture.database.execute("UPDATE agent_insight_state SET cursor = NULL WHERE key = 'prune'");
    fixture.tickOnce();
    assertThat(ended(2)).isEqualTo(607);
    assertThat(ended(3)).isEqualTo(1_212);
  }

  @Test
  void provisionalEndIsCountedApartUntilTheRealOneReplacesItInBothMinutes() throws Exception {
    insert(10, "now() - interval '3 hours'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET seen = 9, status = 'cancelled', error_type ="
            + " 'JvmShutdown'");
    settleFirst();
    assertThat(ended(3)).isZero();
    assertThat(fixture.query("SELECT sum(provisional) FROM agent_insight_rollup WHERE level = 1"))
        .isEqualTo(10);

    fixture.database.execute(
        "UPDATE agent_execution_logs SET seen = 5, status = 'success', completed_at = now() -"
            + " interval '2 hours'");
    fixture.settle();

    assertThat(fixture.query("SELECT sum(provisional) FROM agent_insight_rollup")).isZero();
    assertThat(ended(1)).isEqualTo(10);
    assertThat(ended(3)).isEqualTo(10);
    assertThat(fixture.query("SELECT count(*) FROM agent_insight_provisional")).isZero();
  }

  @Test
  void minuteThatHasEndedIsComputedAgainOnlyIfItsSumsDiffer() throws Exception {
    insert(10, "date_trunc('minute', now()) - interval '90 seconds'");
    settleFirst();
    fixture.database.execute(
        "UPDATE agent_insight_rollup SET computed_at = 'epoch', duration_bins = '{}' WHERE level ="
            + " 1");
    fixture.passMinute();
    fixture.rollup.tick();
    String untouched =
        "SELECT count(*) FROM agent_insight_rollup WHERE level = 1 AND computed_at = 'epoch'";
    assertThat(fixture.query(untouched)).isEqualTo(3);

    fixture.database.execute(
        "UPDATE agent_execution_logs SET quality_score = 0.25 WHERE agent_name = 'agent 1'");
    fixture.passMinute();
    fixture.rollup.tick();

    assertThat(fixture.query(untouched)).isZero();
    assertThat(
            fixture.query(
                "SELECT quality_bins[1] FROM agent_insight_rollup WHERE level = 1 AND agent_name ="
                    + " 'agent 1'"))
        .isEqualTo(50);
  }

  @Test
  void minuteThatHasEndedIsComputedAgainIfItsCostDiffers() throws Exception {
    insert(10, "date_trunc('minute', now()) - interval '90 seconds'");
    settleFirst();
    fixture.database.execute(
        "UPDATE agent_execution_logs SET model_calls = 1, cost = 0.125, cost_currency = 'USD' WHERE"
            + " agent_name = 'agent 1'");
    long priced =
        fixture.query("SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'agent 1'");
    fixture.passMinute();
    fixture.rollup.tick();

    assertThat(
            fixture.list(
                "SELECT cost_n || ' ' || trim_scale(cost) || ' ' || cost_currency FROM"
                    + " agent_insight_rollup WHERE level = 1 AND cost_n > 0"))
        .containsExactly("%s %s USD".formatted(priced, priced * 0.125));
  }

  @Test
  void executionOfAClockThatIsAheadIsCountedWhenItsTimeHasCome() throws Exception {
    settleFirst();
    insert(3, "now() + interval '30 minutes'");
    fixture.settle();
    assertThat(ended(3)).isZero();

    fixture.database.execute(
        "UPDATE agent_execution_logs SET completed_at = completed_at - interval '30 minutes'");
    fixture.settle();
    assertThat(ended(3)).isEqualTo(3);
  }

  @Test
  void namesBeyondTheLimitAreOneRow() throws Exception {
    insert(BucketTable.ROWS_MAX + 200, "now() - interval '1 hour'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET agent_name = 'agent ' || execution_id, error_message ="
            + " execution_id::text || repeat('x', (random() * 900)::int), status = 'failed'");
    settleFirst();

    for (String table : List.of("agent_insight_rollup", "agent_insight_errors")) {
      assertThat(fixture.query("SELECT count(*) FROM " + table + " WHERE level = 2"))
          .isEqualTo(BucketTable.ROWS_MAX + 1);
    }
    assertThat(
            fixture.query(
                "SELECT ended FROM agent_insight_rollup WHERE level = 3 AND agent_name ="
                    + " '(others)'"))
        .isEqualTo(200);
    assertThat(ended(3)).isEqualTo(BucketTable.ROWS_MAX + 200);
  }

  @Test
  void errorsThatDifferInNumbersAloneAreOneGroup() throws Exception {
    insert(4, "now() - interval '1 hour'");
    fixture.database.execute(
        """
        UPDATE agent_execution_logs SET agent_name = 'router', status = 'failed', error_type = 'Timeout', error_message = (ARRAY[
          'no answer of host "a-1" after 30 ms (0x7ffe)', 'no answer of host "b-2" after 2.5 ms (0x1)',
          'no answer of host "c" after 1,000 ms (0xabcdef)', 'another text'])[mod(duration_us, 4) + 1]\
        """);
    settleFirst();

    assertThat(fixture.list("SELECT n::text FROM agent_insight_errors WHERE level = 1 ORDER BY n"))
        .containsExactly("1", "3");
    assertThat(
            fixture.list(
                "SELECT DISTINCT error_type || length(fingerprint) FROM agent_insight_errors"))
        .containsExactly("Timeout32");
  }

  @Test
  void executionWithoutDurationOrScoreIsInNoBin() throws Exception {
    insert(4, "now() - interval '1 hour'");
    fixture.database.execute(
        """
        UPDATE agent_execution_logs SET agent_name = NULL, duration_us = NULL, duration_ms = CASE WHEN mod(duration_us, 4) = 0 THEN 7 END,
          quality_score = CASE WHEN mod(duration_us, 4) = 1 THEN 1 END\
        """);
    settleFirst();

    assertThat(
            fixture.list(
                "SELECT concat_ws(' ', '<' || agent_name || '>', ended, duration_us, duration_bins,"
                    + " duration_counts, quality_n, quality_sum, quality_bins, quality_counts) FROM"
                    + " agent_insight_rollup WHERE level = 3"))
        .containsExactly("<> 4 7000 {442} {1} 1 1.0000 {199} {1}");
  }

  @Test
  void scoreThatIsNoNumberFrom0To1IsNoScore() throws Exception {
    insert(4, "now() - interval '1 hour'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET agent_name = 'a', quality_score = (ARRAY['NaN', '-9.9',"
            + " '1.5', '0.5']::numeric[])[mod(duration_us, 4) + 1]");
    settleFirst();

    assertThat(
            fixture.list(
                "SELECT concat_ws(' ', ended, quality_n, quality_sum, quality_bins, quality_counts)"
                    + " FROM agent_insight_rollup WHERE level = 3"))
        .containsExactly("4 1 0.5000 {100} {1}");
  }

  @Test
  void longNamesAreCutSoThatTheTrendsGoOn() throws Exception {
    insert(4, "now() - interval '1 hour'");
    fixture.database.execute(
        """
        UPDATE agent_execution_logs SET status = 'failed', agent_name = left(long, 2600) || mod(duration_us, 2), project_name = long,
          error_type = long
        FROM (SELECT string_agg(encode(sha256(g::text::bytea), 'hex'), '') AS long FROM generate_series(1, 100) AS g) AS x\
        """);
    settleFirst();

    assertThat(ended(3)).isEqualTo(4);
    for (String table : List.of("agent_insight_rollup", "agent_insight_errors")) {
      assertThat(
              fixture.list(
                  "SELECT length(agent_name) || ' ' || length(project_name) FROM "
                      + table
                      + " WHERE level = 2"))
          .containsExactly("135 135", "135 135");
    }
  }

  @Test
  void endThatIsNoTimeOfOurEraStopsNothing() throws Exception {
    insert(4, "now() - interval '3 hours'");
    fixture.database.execute("UPDATE agent_execution_logs SET seen = 9");
    settleFirst();
    String odd = "(ARRAY['-infinity', '0044-03-15 BC', 'infinity', '20000-01-01']::timestamptz[])";
    fixture.database.execute(
        "UPDATE agent_execution_logs SET completed_at = " + odd + "[mod(duration_us, 4) + 1]");
    insert(4, odd + "[n]");
    insert(3, "now() - interval '2 hours'");
    fixture.reconcile();
    fixture.settle();

    assertThat(
            fixture.query(
                "SELECT sum(ended + provisional) FROM agent_insight_rollup WHERE level = 3"))
        .isEqualTo(3);
    assertThat(fixture.query("SELECT count(*) FROM agent_insight_provisional")).isZero();
  }

  @Test
  void percentilesFromBinsAreThoseOfTheRows() throws Exception {
    insert(5_000, "now() - interval '1 hour'");
    settleFirst();
    Bins durations = new Bins();
    Bins scores = new Bins();
    try (Connection connection = fixture.database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT duration_bins, duration_counts, quality_bins, quality_counts FROM"
                    + " agent_insight_rollup WHERE level = 3")) {
      while (rows.next()) {
        add(durations, numbers(rows.getArray(1)), numbers(rows.getArray(2)));
        add(scores, numbers(rows.getArray(3)), numbers(rows.getArray(4)));
      }
    }
    assertThat(durations.total()).isEqualTo(5_000);
    for (double share : new double[] {0.5, 0.95, 0.99}) {
      double exact = exact("duration_us", share);
      assertThat((double) Scales.micros(requireNonNull(durations.quantile(share))))
          .isCloseTo(exact, within(exact * 0.01001 + 1));
      assertThat(Scales.quality(requireNonNull(scores.quantile(share))))
          .isCloseTo(exact("quality_score", share), within(0.0051));
    }
  }

  private static void add(Bins to, Number[] bins, Number[] counts) {
    for (int i = 0; i < bins.length; i++) {
      to.add(bins[i].intValue(), counts[i].longValue());
    }
  }

  @Test
  void twoProgramsShareTheWorkAndTheFiguresAreTheSame() throws Exception {
    insert(5_000, "now() - n * interval '16 seconds'");
    try (Rollup other = new Rollup(fixture.config())) {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        List<Callable<Object>> both =
            List.of(() -> tickOften(fixture.rollup), () -> tickOften(other));
        for (Future<Object> done : threads.invokeAll(both)) {
          done.get();
        }
      } finally {
        threads.shutdownNow();
      }
    }
    fixture.settle();

    assertThat(ended(1)).isEqualTo(5_000);
    assertThat(ended(3)).isEqualTo(5_000);
    fixture.startFromScratch();
    assertThat(fixture.differences("agent_insight_rollup")).isEmpty();
  }

  @Test
  void withoutTablesOrRightsTheMessageSaysWhatToDo() throws Exception {
    String role = "r_" + fixture.database.database();
    fixture.database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'pw'");
    try (Rollup poor =
        new Rollup(
            RollupFixture.config(
                fixture.database, Map.of("postgres.user", role, "postgres.password", "pw")))) {
      assertThatThrownBy(poor::tick)
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("run GRANT SELECT ON agent_execution_logs");
      fixture.database.execute(Grants.writer('"' + role + '"'));
      poor.tick();
      fixture.database.execute("DROP TABLE agent_insight_errors");
      fixture.passMinute();
      assertThatThrownBy(poor::tick).hasMessageContaining("agentlog-insight.jar migrate");
    } finally {
      fixture.database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  private Object tickOften(Rollup rollup) throws Exception {
    for (int i = 0; i < 15; i++) {
      rollup.tick();
      fixture.passMinute();
    }
    return rollup;
  }

  private void settleFirst() throws Exception {
    fixture.rollup.tick();
    fixture.settle();
  }

  private long ended(int level) throws Exception {
    return fixture.query(
        "SELECT coalesce(sum(ended), 0) FROM agent_insight_rollup WHERE level = " + level);
  }

  private double exact(String column, double share) throws Exception {
    return Double.parseDouble(
        fixture
            .list(
                "SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY %s) FROM agent_execution_logs"
                    .formatted(share, column))
            .get(0));
  }

  private static Number[] numbers(Array array) throws Exception {
    return (Number[]) array.getArray();
  }

  private void insert(int count, String completedAt) {
    fixture.database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, project_name, status, started_at, completed_at, duration_us,
          quality_score, seen)
        SELECT gen_random_uuid(), gen_random_uuid(), 'agent ' || mod(n, 3), 'project', 'success', now(), %2$s,
               (exp(3 + 12 * random()) * 4)::bigint * 4 + mod(n, 4), random(), 5
        FROM generate_series(1, %1$s) AS n\
        """
            .formatted(count, completedAt));
  }
}

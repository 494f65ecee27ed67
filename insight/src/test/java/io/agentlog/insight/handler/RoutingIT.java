package io.agentlog.insight.handler;

import static io.agentlog.insight.handler.TrendFixture.list;
import static io.agentlog.insight.handler.TrendFixture.map;
import static io.agentlog.insight.handler.TrendFixture.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.agentlog.insight.MadeTables;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a router's calibration is found. Method: routers whose success is known for each
 * confidence, in a real database, and the page over HTTP.
 */
@Timeout(120)
class RoutingIT {
  // hash: an even number from 0 to 1 for n and a salt, the same in each run.
  private static final String ROWS =
      """
      CREATE FUNCTION pg_temp.even(n bigint, salt text) RETURNS float8 LANGUAGE sql AS
        $$ SELECT ('x' || substr(md5(salt || n), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
      CREATE TEMP TABLE made AS
      SELECT router, n, confidence, CASE WHEN router = 'permuted' THEN pg_temp.even(n, 'other') ELSE confidence END AS known,
             gen_random_uuid() AS correlation, gen_random_uuid() AS decision, now() - interval '2 hours' + n * interval '0.1 s' AS at
      FROM (VALUES ('overconfident', 10000), ('honest', 10000), ('permuted', 10000), ('few', 99), ('enough', 100))
          AS r (router, size),
        LATERAL (SELECT n,
                   round((0.3 + 0.7 * pg_temp.even(n, router))::numeric, 4)::float8 AS confidence
                 FROM generate_series(1, size) AS n) AS c;
      INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, routing_strategy, confidence_score, created_at)
      SELECT decision, correlation, router, 'made', confidence, at FROM made;
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_us,
        quality_score, seen)
      SELECT gen_random_uuid(), correlation, router,
        CASE WHEN pg_temp.even(n, 'luck ' || router)
          < CASE router WHEN 'overconfident' THEN known - 0.2 ELSE known END THEN 'success' ELSE 'failed' END,
        at + interval '1 s', at + interval '2 s', 1000000, known, 5 FROM made;
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_us, seen)
      SELECT gen_random_uuid(), correlation, router, 'failed', at + interval '10 s', at + interval '11 s', 1000000, 5 FROM made WHERE n % 10 = 0;
      WITH left_out AS (
        INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, routing_strategy, confidence_score, created_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 'left', 'made', 0.9, now() - interval '1 hour'
        FROM generate_series(1, 7) RETURNING correlation_id)
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, seen)
      SELECT gen_random_uuid(), correlation_id, 'left', status, now() - interval '59 minutes', ended, seen
      FROM (SELECT correlation_id, row_number() OVER () AS n FROM left_out) AS l
        JOIN (VALUES (1, 'cancelled', now(), 5), (2, 'cancelled', now(), 9), (3, 'failed', now(), 33), (4, 'in_progress', NULL, 1))
          AS v (n, status, ended, seen) USING (n);
      """;

  @SuppressWarnings("NullAway.Init")
  private static TrendFixture made;

  @BeforeAll
  static void start() throws Exception {
    made = new TrendFixture(MadeTables.empty(), false);
    made.database.execute(ROWS);
    made.database.execute("ANALYZE");
    made.fill();
  }

  @AfterAll
  static void stop() {
    made.close();
  }

  private static Map<String, @Nullable Object> calibration(String router) throws Exception {
    return map(made.json("/routing.json?agent=" + router).get("calibration"));
  }

  @Test
  void errorOfCalibrationIsThatOfTheKnownCurve() throws Exception {
    Map<String, @Nullable Object> found = calibration("overconfident");
    // Success is by confidence less 0.2, and confidences are even from 0.3 to 1.
    assertThat(number(found.get("n"))).isEqualTo(10_000);
    assertThat(number(found.get("ece"))).isCloseTo(0.2, within(0.01));
    assertThat(number(calibration("honest").get("ece"))).isCloseTo(0, within(0.02));
    assertThat(made.get("/routing?agent=overconfident").body()).contains("Confidence is too high");
    assertThat(made.get("/routing?agent=honest").body())
        .doesNotContain("Confidence is too", "says nothing");
  }

  @Test
  void partsOfTheBrierScoreAddUpToTheScoreOfTheRows() throws Exception {
    for (String router : new String[] {"overconfident", "honest", "permuted"}) {
      Map<String, @Nullable Object> found = calibration(router);
      double brier =
          made.value(
              "SELECT avg((d.confidence_score - CASE WHEN e.status = 'success' THEN 1 ELSE 0 END) ^ 2)"
                  + " FROM agent_routing_decisions d JOIN agent_execution_logs e ON e.correlation_id = d.correlation_id"
                  + " AND e.started_at = d.created_at + interval '1 s' WHERE d.selected_agent = ?",
              router);
      assertThat(number(found.get("brier"))).isCloseTo(brier, within(1e-9));
      assertThat(
              number(found.get("reliability"))
                  - number(found.get("resolution"))
                  + number(found.get("uncertainty")))
          .isCloseTo(brier, within(1e-9));
    }
  }

  @Test
  void confidenceThatSaysNothingIsFlagged() throws Exception {
    assertThat(made.get("/routing?agent=permuted").body())
        .contains("Confidence says nothing about success");
    assertThat(Math.abs(number(calibration("permuted").get("correlation")))).isLessThan(0.0196);
  }

  @Test
  void ninetyNineDecisionsAreTooFew() throws Exception {
    assertThat(calibration("few").get("ece")).isNull();
    assertThat(made.get("/routing?agent=few").body()).contains("too few", "99 of 100 decisions");
    assertThat(number(calibration("enough").get("ece"))).isPositive();
  }

  @Test
  void whatIsLeftOutIsCounted() throws Exception {
    Map<String, @Nullable Object> page = made.json("/routing.json?agent=left");
    assertThat(map(page.get("left")).values()).containsExactly(3L, 1L, 1L, 2L);
    assertThat(number(map(page.get("calibration")).get("n"))).isZero();
    assertThat(made.get("/routing?agent=left").body())
        .contains(
            "Left out: 7 decisions (2 with a provisional end, 1 cancelled, 1 still running, 3");
  }

  @Test
  void confidentFailuresAreTheirFirstExecutions() throws Exception {
    Map<String, @Nullable Object> page = made.json("/routing.json?agent=honest&threshold=0.9");
    assertThat(list(page.get("failures"))).isNotEmpty();
    for (Map<String, @Nullable Object> failure : list(page.get("failures"))) {
      assertThat(number(failure.get("confidence"))).isGreaterThanOrEqualTo(0.9);
      assertThat(
              made.row(
                  "SELECT e.status, e.started_at - d.created_at = interval '1 s' FROM agent_execution_logs e"
                      + " JOIN agent_routing_decisions d USING (correlation_id) WHERE e.execution_id = ?::uuid",
                  failure.get("id")))
          .containsExactly("failed", true);
    }
    assertThat(made.get("/routing?threshold=2").statusCode()).isEqualTo(400);
    double below =
        made.value(
            "SELECT count(*) FROM agent_routing_decisions WHERE selected_agent = 'honest' AND confidence_score < 0.9");
    assertThat(number(page.get("below"))).isEqualTo(below);
  }
}

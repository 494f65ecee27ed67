package io.agentlog.insight.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Backends;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: decisions and repeated prompts are summed up as the rows say. Method: rows made by SQL. */
@Timeout(120)
class SlowTablesIT {
  private RollupFixture fixture;
  private SlowTables tables;

  @BeforeEach
  void open() throws Exception {
    fixture = new RollupFixture(Backends.postgres().newDatabase());
    tables = new SlowTables(fixture.config());
  }

  @AfterEach
  void close() {
    tables.close();
    fixture.close();
  }

  @Test
  void decisionCountsWithTheFirstExecutionOfTheAgentThatItSelectedOtherwiseWithTheOneThatDecided()
      throws Exception {
    decision(1, "'billing'", "0.805");
    execution(1, "'billing'", "'failed'", 5, "interval '2 minutes'", "0.25");
    execution(1, "'billing'", "'success'", 5, "interval '3 minutes'", "1"); // The second.
    execution(1, "'other'", "'success'", 5, "interval '1 minute'", "1");
    decision(2, "'billing'", "0.80");
    execution(2, "'billing'", "'success'", 5, "interval '61 minutes'", "1"); // Too late.
    decider(2, "'success'", 5);
    decision(3, "'billing'", "1");
    execution(3, "'billing'", "'failed'", 33, "interval '1 minute'", "1"); // Provisional.
    decision(4, "'billing'", "0.1");
    execution(4, "'billing'", "'cancelled'", 5, "interval '1 minute'", "NULL");
    decision(5, "'billing'", "0.1");
    execution(5, "'billing'", "'in_progress'", 1, "interval '1 minute'", "NULL");
    decision(6, "'billing'", "NULL");

    finish();

    assertThat(decisions(3))
        .containsExactly(
            "-1: 1 decisions, 0 n, 0 succeeded, 0 sum, 0 quality, left 1 0 0 0",
            "10: 2 decisions, 0 n, 0 succeeded, 0 sum, 0 quality, left 0 1 1 0",
            "80: 2 decisions, 2 n, 1 succeeded, 1.6050 sum, 0.2500 quality, left 0 0 0 0",
            "99: 1 decisions, 0 n, 0 succeeded, 0 sum, 0 quality, left 0 0 0 1");
    assertThat(decisions(2)).hasSameSizeAs(decisions(3));
    assertThat(
            fixture.list(
                "SELECT round(sum(confidence_sq_sum) - 2 * sum(confidence_succeeded_sum) + sum(succeeded), 6)::text FROM agent_insight_decisions WHERE level = 3"))
        .containsExactly("0.688025"); // 0.805 squared and 0.2 squared.

    fixture.database.execute(
        "UPDATE agent_execution_logs SET status = 'success', seen = 5 WHERE seen = 33");
    fixture.database.execute(
        "UPDATE agent_insight_state SET cursor = cursor - interval '50 hours' WHERE key = 'decisions'");
    finish();
    assertThat(decisions(3))
        .contains("99: 1 decisions, 1 n, 1 succeeded, 1.0000 sum, 1.0000 quality, left 0 0 0 0");
  }

  @Test
  void hourWhoseDecisionsWereRemovedStays() throws Exception {
    for (int n = 1; n <= 5; n++) {
      decision(n, "'billing'", "0.5");
    }
    finish();
    fixture.database.execute("DELETE FROM agent_routing_decisions");
    fixture.database.execute(
        "UPDATE agent_insight_state SET cursor = cursor - interval '50 hours' WHERE key = 'decisions'");
    finish();

    assertThat(decisions(3))
        .containsExactly("50: 5 decisions, 0 n, 0 succeeded, 0 sum, 0 quality, left 5 0 0 0");
  }

  @Test
  void promptsThatAnAgentHadTwiceInADayAreOneRowEach() throws Exception {
    fixture.database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, project_name, status, started_at, completed_at, duration_us, quality_score,
          seen, user_prompt_sha256, routing_decision_id)
        SELECT gen_random_uuid(), 'router', 'shop', CASE mod(n, 2) WHEN 0 THEN 'success' ELSE 'failed' END, now(),
               date_trunc('day', now(), 'UTC') - interval '20 hours' + n * interval '1 minute', n * 1000, 0.5, 5,
               CASE WHEN n <= 30 THEN 'aa' ELSE 'once ' || n END, ('00000000-0000-7000-8000-00000000000' || mod(n, 3))::uuid
        FROM generate_series(1, 40) AS n;
        INSERT INTO agent_routing_decisions (id, selected_agent) VALUES ('00000000-0000-7000-8000-000000000000', 'billing'),
          ('00000000-0000-7000-8000-000000000001', 'billing'), ('00000000-0000-7000-8000-000000000002', 'sales')""");
    finish();

    assertThat(
            fixture.list(
                "SELECT concat_ws(' ', prompt_sha256, agent_name, project_name, times, succeeded, failed, quality_sum, duration_us_min, duration_us_max, routes,"
                    + " cardinality(examples)) FROM agent_insight_prompts"))
        .containsExactly("aa router shop 30 15 15 15.0000 1000 30000 2 20");
    assertThat(
            fixture.query(
                "SELECT count(*) FROM agent_execution_logs e JOIN agent_insight_prompts p ON e.execution_id = p.examples[1] AND e.completed_at = p.last_seen"))
        .isEqualTo(1);
  }

  @Test
  void decisionWhoseIdHasNoTimeIsNotCountedAndHidesNoOther() throws Exception {
    decision(1, "'billing'", "0.5");
    fixture.database.execute(
        """
        INSERT INTO agent_routing_decisions (id, created_at)
        SELECT overlay(id::text placing '4' from 15)::uuid, created_at FROM agent_routing_decisions
        UNION ALL SELECT '00000000-1111-4111-8111-111111111111', now()""");
    finish();

    assertThat(decisions(3))
        .containsExactly("50: 1 decisions, 0 n, 0 succeeded, 0 sum, 0 quality, left 1 0 0 0");
  }

  @Test
  void oddTimesAndScoresOfDecisionsSpoilNoSum() throws Exception {
    decision(1, "'billing'", "0.5");
    execution(1, "'billing'", "'success'", 5, "interval '1 minute'", "'NaN'");
    for (String time : java.util.List.of("-infinity", "infinity", "294276-12-31 23:59")) {
      fixture.database.execute(
          "UPDATE agent_routing_decisions SET trigger_confidence = 'NaN', created_at = '%s'"
              .formatted(time));
      fixture.database.execute("TRUNCATE agent_insight_state, agent_insight_decisions");
      finish();
      assertThat(
              fixture.list(
                  "SELECT concat_ws(' ', decisions, quality_sum, trigger_sum) FROM agent_insight_decisions WHERE level = 3"))
          .containsExactly("1 0 0");
    }
  }

  @Test
  void longNamesAreCut() throws Exception {
    decision(1, "'billing'", "0.5");
    decision(2, "'billing'", "0.5");
    execution(1, "'billing'", "'success'", 5, "interval '1 minute'", "'NaN'");
    execution(2, "'billing'", "'success'", 5, "interval '1 minute'", "0.5");
    String names =
        "(SELECT string_agg(encode(sha256(g::text::bytea), 'hex'), '') AS long FROM generate_series(1, 100) AS g) AS x";
    fixture.database.execute(
        "UPDATE agent_routing_decisions SET selected_agent = left(long, 2600), routing_strategy = long FROM "
            + names);
    fixture.database.execute(
        "UPDATE agent_execution_logs SET agent_name = left(long, 2600), user_prompt_sha256 = long FROM "
            + names);
    finish();

    assertThat(decisions(3))
        .containsExactly(
            "50: 2 decisions, 2 n, 2 succeeded, 1.0000 sum, 0.5000 quality, left 0 0 0 0");
    assertThat(
            fixture.list(
                "SELECT concat_ws(' ', length(prompt_sha256), length(agent_name), times, quality_n, quality_max) FROM agent_insight_prompts"))
        .containsExactly("135 135 2 1 0.5000");
  }

  @Test
  void promptsAreCountedThoughDecisionsCanNotBe() throws Exception {
    execution(1, "'billing'", "'success'", 5, "interval '1 minute'", "0.5");
    execution(1, "'billing'", "'success'", 5, "interval '1 minute'", "0.5");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET user_prompt_sha256 = 'aa'; DROP TABLE agent_insight_decisions");
    fixture.rollup.tick();

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(tables::step).hasMessageContaining("migrate");
    }
    assertThat(fixture.query("SELECT sum(times) FROM agent_insight_prompts")).isEqualTo(2);
  }

  private void finish() throws Exception {
    fixture.rollup.tick();
    do {
      tables.step();
    } while (fixture.query("SELECT count(*) FROM agent_insight_dirty WHERE duty <> 'rollup'") > 0);
  }

  private java.util.List<String> decisions(int level) throws Exception {
    return fixture.list(
        "SELECT format('%s: %s decisions, %s n, %s succeeded, %s sum, %s quality, left %s %s %s %s', bin, decisions, n, succeeded, confidence_sum,"
            + " quality_sum, left_no_outcome, left_running, left_cancelled, left_provisional) FROM agent_insight_decisions WHERE level = "
            + level
            + " ORDER BY bin");
  }

  /** A decision of request n, in the middle of an hour of yesterday. */
  private void decision(int n, String selected, String confidence) {
    fixture.database.execute(
        """
        INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, routing_strategy, confidence_score, created_at)
        SELECT (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7000800000000000000%1$s')::uuid,
               '00000000-0000-0000-0000-00000000000%1$s', %2$s, 'fuzzy', %3$s, t
        FROM (SELECT date_trunc('day', now(), 'UTC') - interval '630 minutes' AS t) AS x"""
            .formatted(n, selected, confidence));
  }

  private void decider(int n, String status, int seen) {
    execution(n, "'router'", status, seen, "-interval '1 second'", "NULL");
    fixture.database.execute(
        "UPDATE agent_execution_logs e SET routing_decision_id = d.id FROM agent_routing_decisions d WHERE d.correlation_id = e.correlation_id AND e.agent_name = 'router'");
  }

  private void execution(
      int n, String agent, String status, int seen, String after, String quality) {
    fixture.database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, seen, started_at, completed_at, quality_score)
        SELECT gen_random_uuid(), '00000000-0000-0000-0000-00000000000%1$s', %2$s, %3$s, %4$s, t + %5$s,
               CASE WHEN %3$s <> 'in_progress' THEN t + %5$s + interval '1 second' END, %6$s
        FROM (SELECT date_trunc('day', now(), 'UTC') - interval '630 minutes' AS t) AS x"""
            .formatted(n, agent, status, seen, after, quality));
  }
}

package io.agentlog.insight.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.event.Event;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.rules.ScoreRule.Scorer;
import io.agentlog.insight.rules.ScoreRule.Source;
import io.agentlog.insight.rules.StagePattern;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real rows in a real database, judged by rules. */
@Timeout(240)
class ScoreTablesIT {
  private static final String SETTLED = "now() - interval '2 minutes'";
  private static final StagePattern PATTERN =
      new StagePattern(List.of("agent-*"), "stage", true, true, List.of(), "1".repeat(64));
  private static final ScoreRule SCORE =
      new ScoreRule(
          "answer",
          List.of("agent-1", "agent-2"),
          List.of(
              new Scorer(Source.NO_ERROR, 1, null, null),
              new Scorer(Source.LATENCY, 2, Duration.ofSeconds(1), null),
              new Scorer(Source.APPLICATION, 1, null, null)),
          0.8,
          0.5,
          "2".repeat(64));

  @Test
  void eventsInAnyOrderGiveTheAssessmentsOfARunFromScratch() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        ScoreTables tables = new ScoreTables(fixture.config(), () -> rules(), false)) {
      Random random = new Random(11);
      List<Event> events = new RandomEvents(11).of(2_000);
      tables.step();
      for (int from = 0; from < events.size(); ) {
        int to = Math.min(events.size(), from + 1 + random.nextInt(900));
        fixture.write(events.subList(from, to));
        from = to;
        if (random.nextBoolean()) {
          fixture.passMinute();
          fixture.rollup.tick();
          tables.step();
        }
      }
      fixture.settle();
      judgeAll(fixture, tables);

      fixture.database.execute(
          "CREATE TABLE times AS SELECT date_trunc('minute', %s) AS t".formatted(SETTLED));
      String counted =
          "SELECT coalesce(sum(%s), 0) FROM agent_insight_scores WHERE rule = 'pattern' AND level = 1 AND bucket < (SELECT t FROM times)"
              + " AND bucket >= now() - interval '47 hours'";
      String rows =
          "SELECT count(*) FROM agent_execution_logs l WHERE completed_at >= date_trunc('minute', now() - interval '47 hours' + interval '59.999999 seconds')"
              + " AND completed_at < (SELECT t FROM times)";
      assertThat(fixture.query(counted.formatted("assessed + left_out")))
          .isEqualTo(fixture.query(rows))
          .isGreaterThan(500);
      assertThat(fixture.query(counted.formatted("left_out")))
          .isEqualTo(fixture.query(rows + " AND seen & 56 <> 0"))
          .isPositive();
      assertThat(fixture.query(counted.formatted("failed")))
          .isEqualTo(
              fixture.query(
                  rows
                      + " AND seen & 56 = 0 AND status = 'success' AND NOT EXISTS (SELECT FROM agent_execution_progress p WHERE p.execution_id = l.execution_id)"))
          .isPositive();
      assertThat(
              fixture.list(
                  "SELECT DISTINCT detail ->> 'text' FROM agent_insight_assessments WHERE rule = 'pattern'"))
          .containsExactly("at the beginning expected `stage`, but it ended");
      sameFromScratch(fixture);
    }
  }

  private static void sameFromScratch(RollupFixture fixture) throws Exception {
    for (String table : List.of("agent_insight_scores", "agent_insight_assessments")) {
      fixture.database.execute(
          "CREATE TABLE kept_%1$s AS SELECT * FROM %1$s; TRUNCATE %1$s".formatted(table));
    }
    fixture.database.execute(
        "DELETE FROM agent_insight_state WHERE key LIKE 'score%'; DELETE FROM agent_insight_dirty");
    try (ScoreTables fresh = new ScoreTables(fixture.config(), () -> rules(), false)) {
      judgeAll(fixture, fresh);
    }
    String counts =
        "SELECT level, bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum, score_bins, score_counts FROM %s"
            + " WHERE bucket + (ARRAY['1 minute', '1 hour', '1 day'])[level]::interval <= (SELECT t FROM times)"
            + " AND (level > 1 OR bucket >= now() - interval '47 hours')";
    String kept =
        "SELECT execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail FROM %s WHERE completed_at < (SELECT t FROM times)";
    for (String sql :
        List.of(
            counts.formatted("kept_agent_insight_scores")
                + " EXCEPT "
                + counts.formatted("agent_insight_scores"),
            counts.formatted("agent_insight_scores")
                + " EXCEPT "
                + counts.formatted("kept_agent_insight_scores"),
            kept.formatted("kept_agent_insight_assessments")
                + " EXCEPT "
                + kept.formatted("agent_insight_assessments"),
            kept.formatted("agent_insight_assessments")
                + " EXCEPT "
                + kept.formatted("kept_agent_insight_assessments"))) {
      assertThat(fixture.list("SELECT d::text FROM (" + sql + ") AS d LIMIT 5")).isEmpty();
    }
    assertThat(fixture.query("SELECT count(DISTINCT level) FROM agent_insight_scores"))
        .isEqualTo(3);
    assertThat(
            fixture.query(
                "SELECT count(*) FROM agent_insight_assessments WHERE rule = 'answer' AND verdict = 'warn'"))
        .isPositive();
  }

  @Test
  void doesNotJudgeWhatMayBeIncomplete() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        ScoreTables tables = new ScoreTables(fixture.config(), () -> rules(), false)) {
      fixture.database.execute(
          """
          INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until, report)
          SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 's', now(), now(), now(), r::jsonb FROM (VALUES
            (1, '{"reported_at": "2026-01-01T00:00:00+00:00", "dropped": {"journal_full": 0, "after_end": 7}}'),
            (2, '{"reported_at": "2026-01-01T00:00:00+00:00", "dropped": {"journal_full": 3}}'),
            (3, '{"reported_at": "long ago", "dropped": []}'), (4, NULL)) AS v (n, r)""");
      tables.step();
      // The second JVM drops more while its second execution runs.
      fixture.database.execute(
          """
          UPDATE agent_instances SET report = jsonb_build_object('reported_at', now() - interval '9 minutes', 'dropped', '{"journal_full": 4, "x": "y"}'::jsonb)
          WHERE instance_id = '00000000-0000-0000-0000-000000000002';
          INSERT INTO agent_insight_drops SELECT instance_id, 3, now() - interval '99 minutes', now() - interval '15 minutes'
          FROM agent_instances WHERE instance_id = '00000000-0000-0000-0000-000000000002'
          ON CONFLICT (instance_id, dropped) DO UPDATE SET last_reported = EXCLUDED.last_reported, first_reported = EXCLUDED.first_reported;
          DELETE FROM agent_insight_state WHERE key LIKE 'score %';
          INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_ms, seen, instance_id)
          SELECT ('00000000-0000-0000-0000-0000000000' || n)::uuid, gen_random_uuid(), 'agent-0', 'success', now() - begin * interval '1 minute',
                 now() - ends * interval '1 minute', 1, seen, ('00000000-0000-0000-0000-00000000000' || instance)::uuid
          FROM (VALUES (11, 5, 4, 5, 1), (12, 12, 10, 5, 2), (13, 7, 6, 5, 2), (14, 5, 4, 5, 3), (15, 5, 4, 5, 4), (16, 5, 4, 4, 1), (17, 5, 4, 9, 1))
            AS v (n, begin, ends, seen, instance)""");
      judgeAll(fixture, tables);
      assertThat(
              fixture.list(
                  "SELECT right(execution_id::text, 2) FROM agent_insight_assessments ORDER BY 1"))
          .containsExactly("11", "13", "14", "15");
      assertThat(fixture.query("SELECT sum(left_out) FROM agent_insight_scores WHERE level = 1"))
          .isEqualTo(3);
    }
  }

  @Test
  void aNewVersionOfARuleHasFiguresOfItsOwn() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase())) {
      fixture.database.execute(
          """
          INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_ms, seen)
          SELECT gen_random_uuid(), gen_random_uuid(), 'agent-0', 'success', now() - interval '3 minutes', now() - interval '3 minutes', 1, 5
          FROM generate_series(1, 1500)""");
      for (String stages : List.of("stage", "other")) {
        Rules rules =
            new Rules(
                List.of(),
                List.of(),
                List.of(),
                List.of(
                    new StagePattern(
                        List.of("*"), stages, true, true, List.of(), stages.repeat(8))),
                List.of());
        try (ScoreTables one = new ScoreTables(fixture.config(), () -> rules, false);
            ScoreTables two = new ScoreTables(fixture.config(), () -> rules, false)) {
          judgeAll(fixture, one);
          judgeAll(fixture, two);
        }
      }
      assertThat(
              fixture.list(
                  "SELECT left(rule_hash, 5) || ' ' || failed FROM agent_insight_scores WHERE level = 3 ORDER BY 1"))
          .containsExactly("other 1500", "stage 1500");
      assertThat(fixture.query("SELECT count(*) FROM agent_insight_assessments"))
          .isEqualTo(2 * Kept.ROWS_MAX);
    }
  }

  @Test
  void aDecisionIsScoredByWhatBecameOfIt() throws Exception {
    ScoreRule sure =
        new ScoreRule(
            "sure",
            List.of("router"),
            List.of(new Scorer(Source.CONFIDENCE, 1, null, null)),
            1,
            0.5,
            "4".repeat(64));
    Rules rules = new Rules(List.of(), List.of(), List.of(), List.of(), List.of(sure));
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        ScoreTables tables = new ScoreTables(fixture.config(), () -> rules, false)) {
      fixture.database.execute(
          """
          INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, confidence_score, created_at)
          SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'worker', c,
                 now() - interval '9 minutes' FROM (VALUES (1, 0.9), (2, 0.9), (3, 0.8)) AS v (n, c);
          INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_ms, seen,
            routing_decision_id)
          SELECT ('00000000-0000-0000-000' || kind || '-00000000000' || n)::uuid, ('00000000-0000-0000-0000-00000000000' || n)::uuid,
                 CASE kind WHEN 1 THEN 'router' ELSE 'worker' END, status, now() - interval '8 minutes', now() - interval '7 minutes', 60000, 5,
                 CASE WHEN kind = 1 THEN ('00000000-0000-7000-8000-00000000000' || n)::uuid END
          FROM (VALUES (1, 1, 'success'), (2, 1, 'failed'), (1, 2, 'success'), (2, 2, 'success'), (1, 3, 'failed'), (1, 4, 'success')) AS v (kind, n, status)""");
      judgeAll(fixture, tables);
      // The worker failed; it succeeded; there was none and the router failed; there was no decision.
      assertThat(
              fixture.list(
                  "SELECT right(execution_id::text, 1) || ' ' || verdict || ' ' || score FROM agent_insight_assessments ORDER BY 1"))
          .containsExactly("1 fail 0.1900", "2 warn 0.9900", "3 fail 0.3600");
      assertThat(fixture.query("SELECT left_out FROM agent_insight_scores WHERE level = 3"))
          .isEqualTo(1);
    }
  }

  static Rules rules() {
    return new Rules(List.of(), List.of(), List.of(), List.of(PATTERN), List.of(SCORE));
  }

  /** Judges all that has ended a minute ago. */
  static void judgeAll(RollupFixture fixture, ScoreTables tables) throws Exception {
    fixture.database.execute(
        "UPDATE agent_insight_state SET cursor = cursor - interval '10 seconds' WHERE key = 'scores'");
    do {
      tables.step();
    } while (fixture.query(
            "SELECT count(*) FROM agent_insight_dirty WHERE duty = 'scores' AND begins < date_trunc('minute', now() - interval '61 seconds')")
        != 0);
  }
}

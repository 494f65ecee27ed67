package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.insight.pattern.StageRows;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.score.Assessment;
import io.agentlog.insight.score.Assessor;
import io.agentlog.insight.score.DecisionRows;
import io.agentlog.insight.score.Ended;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Judges all executions of some buckets. One thread. */
final class Assessing {
  private static final String ROWS =
      BucketTable.expanded(
          """
          WITH b AS (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v),
          /*spans*/
          a AS (SELECT ?::text[] AS judged, ?::text[] AS with_stages, ?::text[] AS with_decisions)
          SELECT b.bucket, l.execution_id, /*name l.agent_name*/ AS agent_name, coalesce(left(l.status, 20), '') AS status,
                 l.seen, l.completed_at,
                 nullif(greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint), -1::bigint), -1::bigint) AS us,
                 (/*score l.quality_score*/)::float8 AS quality, d.confidence, d.succeeded,
                 l.agent_name LIKE ANY (a.with_stages) AND (coalesce(l.seen, 0::smallint) & 5::int2) <> 4::int2 AND NOT /*may miss*/ AS has_stages, s.stages, s.times, s.took, j.hashes, j.scores
          FROM a CROSS JOIN b CROSS JOIN LATERAL (/*ended in b*/) AS l
          LEFT JOIN LATERAL (/*stages*/) AS s ON true
          LEFT JOIN LATERAL (
            /*decision*/) AS d ON true
          LEFT JOIN LATERAL (
            SELECT array_agg(q.rule_hash) AS hashes, array_agg(q.score::float8) AS scores FROM agent_insight_judged q
            WHERE q.execution_id = CASE WHEN ?::boolean THEN l.execution_id END AND q.score IS NOT NULL) AS j ON true
          WHERE l.agent_name LIKE ANY (a.judged)"""
              .replace("/*spans*/", Drops.SPANS)
              .replace("/*may miss*/", Drops.MAY_MISS)
              .replace(
                  "/*stages*/",
                  StageRows.sql(
                      "CASE WHEN l.agent_name LIKE ANY (a.with_stages) THEN l.execution_id END"))
              .replace(
                  "/*decision*/",
                  DecisionRows.sql(
                      "CASE WHEN l.agent_name LIKE ANY (a.with_decisions) THEN l.routing_decision_id END")));

  private static final String CHOOSE =
      """
      INSERT INTO agent_insight_judged (execution_id, rule_hash, completed_at)
      SELECT u.execution_id::uuid, u.rule_hash, u.completed_at::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[]) AS u (execution_id, rule_hash, completed_at) ON CONFLICT DO NOTHING""";

  private final Transaction tx;
  private final Assessor assessor;
  private final @Nullable Instant judgedSince;
  private Kept kept = new Kept();
  private final List<UUID> chosen = new ArrayList<>();
  private final List<String> chosenFor = new ArrayList<>();
  private final List<Instant> chosenEnds = new ArrayList<>();

  /**
   * Makes a run.
   *
   * @param judgedSince executions that ended later may be given to a judge; null if none may
   */
  Assessing(Transaction tx, Assessor assessor, @Nullable Instant judgedSince) {
    this.tx = tx;
    this.assessor = assessor;
    this.judgedSince = judgedSince;
  }

  /** Judges the executions that ended in some buckets; returns the buckets that have changed. */
  NavigableSet<Instant> assess(Level level, Collection<Instant> buckets) throws SQLException {
    if (buckets.isEmpty()) {
      return new TreeSet<>();
    }
    ScoreCounts counts = new ScoreCounts(level);
    kept = new Kept();
    Sql.each(
        tx,
        ROWS,
        row -> assess(row, counts),
        level.interval(),
        buckets,
        likes(assessor.agents()),
        likes(assessor.agentsWithStages()),
        likes(assessor.agentsWithDecisions()),
        assessor.asksJudges());
    kept.put(tx, level, buckets, assessor.hashes());
    Sql.update(tx, CHOOSE, chosen, chosenFor, chosenEnds);
    return counts.put(tx, buckets, assessor.hashes());
  }

  private void assess(ResultSet row, ScoreCounts counts) throws SQLException {
    UUID id = row.getObject("execution_id", UUID.class);
    Instant completedAt = requireNonNull(Sql.time(row, 6));
    int seen = row.getInt("seen");
    Long micros = row.getObject("us", Long.class);
    Ended execution =
        new Ended(
            row.getString("agent_name"),
            row.getString("status"),
            (seen & 56) != 0,
            completedAt,
            micros == null ? null : Duration.of(micros, ChronoUnit.MICROS),
            decimal(row, "quality"),
            decimal(row, "confidence"),
            row.getObject("succeeded", Boolean.class),
            row.getBoolean("has_stages") ? StageRows.of(row) : null,
            judged(row));
    Instant bucket = requireNonNull(Sql.time(row, 1));
    for (Assessment assessment : assessor.assess(execution)) {
      counts.add(bucket, execution.agent(), assessment);
      switch (assessment.result()) {
        case FAIL, WARN -> kept.add(id, execution.agent(), completedAt, assessment);
        case PASS, LEFT_OUT -> {}
      }
    }
    if (judgedSince != null && !completedAt.isBefore(judgedSince)) {
      for (ScoreRule rule : assessor.judging(execution, id)) {
        chosen.add(id);
        chosenFor.add(rule.hash());
        chosenEnds.add(completedAt);
      }
    }
  }

  private static @Nullable Double decimal(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? null : value;
  }

  private static Map<String, Double> judged(ResultSet row) throws SQLException {
    Array hashes = row.getArray("hashes");
    if (hashes == null) {
      return Map.of();
    }
    Object[] keys = (Object[]) hashes.getArray();
    Object[] scores = (Object[]) row.getArray("scores").getArray();
    Map<String, Double> judged = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      judged.put((String) keys[i], (Double) scores[i]);
    }
    return judged;
  }

  /** Returns patterns of names as SQL has them. */
  static List<String> likes(List<String> agents) {
    return agents.stream()
        .map(
            agent ->
                agent
                    .replace("\\", "\\\\")
                    .replace("%", "\\%")
                    .replace("_", "\\_")
                    .replace('*', '%'))
        .toList();
  }
}

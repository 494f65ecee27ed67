package io.agentlog.insight.rollup;

/** Statements for {@code agent_insight_decisions}. */
final class Decisions {
  /** Executions of a request among which the outcome is looked for. */
  private static final int REQUEST_ROWS_MAX = 1_000;

  /** True if the ID of a decision {@code d} is of version 7. */
  private static final String IS_TIMED = "get_byte(uuid_send(d.id), 6) >> 4 = 7";

  /**
   * The time of the first decision that counts, from its ID; null without any. 2020: no ID of
   * version 7 is older.
   */
  static final String OLDEST =
      """
      SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0::float8)
      FROM (SELECT d.id FROM agent_routing_decisions d
            WHERE d.id >= '016f5e66-e800-0000-0000-000000000000'::uuid AND /*is timed*/ ORDER BY d.id LIMIT 1) AS first"""
          .replace("/*is timed*/", IS_TIMED);

  private static final String SUMS =
      """
      sum(decisions)::int AS decisions, sum(n)::int AS n, sum(succeeded)::int AS succeeded, sum(confidence_sum) AS confidence_sum,
      sum(confidence_sq_sum) AS confidence_sq_sum, sum(confidence_succeeded_sum) AS confidence_succeeded_sum, sum(quality_n)::int AS quality_n,
      sum(quality_sum) AS quality_sum, sum(confidence_quality_sum) AS confidence_quality_sum, sum(left_no_outcome)::int AS left_no_outcome,
      sum(left_running)::int AS left_running, sum(left_cancelled)::int AS left_cancelled, sum(left_provisional)::int AS left_provisional,
      sum(trigger_n)::int AS trigger_n, sum(trigger_sum) AS trigger_sum, sum(context_n)::int AS context_n, sum(context_sum) AS context_sum,
      sum(capability_n)::int AS capability_n, sum(capability_sum) AS capability_sum, sum(historical_n)::int AS historical_n,
      sum(historical_sum) AS historical_sum
      """;

  static final BucketTable TABLE =
      new BucketTable(
          // An ID of version 7 begins with its time. Another ID tells no time and no index finds it
          // by time, so such a decision is not counted. An hour whose decisions were removed stays
          // as it is.
          """
          i AS MATERIALIZED (
            SELECT b.*, (lpad(to_hex((extract(epoch FROM bucket) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid AS first_id,
                   (lpad(to_hex((extract(epoch FROM ends) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid AS end_id FROM b),
          w AS MATERIALIZED (
            SELECT i.* FROM i WHERE coalesce((SELECT sum(s.decisions) FROM agent_insight_decisions s
                WHERE s.level = (SELECT level FROM p) AND s.bucket = i.bucket), 0::bigint)
              <= (SELECT count(*) FROM agent_routing_decisions d WHERE d.id >= i.first_id AND d.id < i.end_id AND /*is timed*/)),
          d AS MATERIALIZED (
            SELECT w.bucket, /*name d.routing_strategy*/ AS strategy, /*name d.selected_agent*/ AS selected_agent,
                   /*score d.confidence_score*/ AS c,
                   /*score d.trigger_confidence*/ AS trigger_confidence, /*score d.context_confidence*/ AS context_confidence,
                   /*score d.capability_confidence*/ AS capability_confidence, /*score d.historical_confidence*/ AS historical_confidence,
                   /*score o.quality_score*/ AS q,
                   CASE WHEN o.status IS NULL THEN 'none' WHEN (o.seen & 56::int2) <> 0::int2 THEN 'provisional' ELSE o.status END AS outcome
            FROM w JOIN agent_routing_decisions d ON d.id >= w.first_id AND d.id < w.end_id AND /*is timed*/
            LEFT JOIN LATERAL (
              SELECT coalesce(l.status, '') AS status, l.seen, l.quality_score
              FROM (SELECT status, seen, quality_score, started_at, execution_id, routing_decision_id,
                           agent_name = d.selected_agent AND started_at >= d.created_at
                             AND started_at < least(d.created_at, '9999-01-01'::timestamptz) + '1 hour'::interval
                             AS is_selected
                    FROM agent_execution_logs WHERE correlation_id = d.correlation_id LIMIT /*request rows*/) AS l
              WHERE l.is_selected OR l.routing_decision_id = d.id
              ORDER BY coalesce(l.is_selected, false) DESC, l.started_at, l.execution_id LIMIT 1) AS o ON true),
          t AS (
            SELECT bucket, strategy, selected_agent, CASE WHEN c IS NULL THEN -1::smallint ELSE least(floor(c * 100.0), 99.0)::smallint END AS bin, count(*) AS decisions,
                   count(*) FILTER (WHERE outcome IN ('success', 'failed')) AS n, count(*) FILTER (WHERE outcome = 'success') AS succeeded,
                   coalesce(sum(c) FILTER (WHERE outcome IN ('success', 'failed')), 0) AS confidence_sum,
                   coalesce(sum(c * c) FILTER (WHERE outcome IN ('success', 'failed')), 0) AS confidence_sq_sum,
                   coalesce(sum(c) FILTER (WHERE outcome = 'success'), 0) AS confidence_succeeded_sum,
                   count(q) FILTER (WHERE outcome IN ('success', 'failed')) AS quality_n,
                   coalesce(sum(q) FILTER (WHERE outcome IN ('success', 'failed')), 0) AS quality_sum,
                   coalesce(sum(c) FILTER (WHERE outcome IN ('success', 'failed') AND q IS NOT NULL), 0) AS confidence_quality_sum,
                   count(*) FILTER (WHERE outcome = 'none') AS left_no_outcome, count(*) FILTER (WHERE outcome = 'in_progress') AS left_running,
                   count(*) FILTER (WHERE outcome NOT IN ('none', 'in_progress', 'provisional', 'success', 'failed')) AS left_cancelled,
                   count(*) FILTER (WHERE outcome = 'provisional') AS left_provisional,
                   count(trigger_confidence) AS trigger_n, coalesce(sum(trigger_confidence), 0) AS trigger_sum,
                   count(context_confidence) AS context_n, coalesce(sum(context_confidence), 0) AS context_sum,
                   count(capability_confidence) AS capability_n, coalesce(sum(capability_confidence), 0) AS capability_sum,
                   count(historical_confidence) AS historical_n, coalesce(sum(historical_confidence), 0) AS historical_sum
            FROM d GROUP BY 1, 2, 3, 4),
          """
              .replace("/*is timed*/", IS_TIMED)
              .replace("/*request rows*/", "" + REQUEST_ROWS_MAX),
          """
          w AS (SELECT * FROM b),
          t AS (
            SELECT b.bucket, r.strategy, r.selected_agent, r.bin, /*sums*/
            FROM b JOIN agent_insight_decisions r ON r.level = b.below AND r.bucket >= b.bucket AND r.bucket < b.ends
            GROUP BY 1, 2, 3, 4),
          """
              .replace("/*sums*/", SUMS.replaceAll("sum\\((\\w+)\\)", "sum(r.$1)")),
          """
          sized AS (SELECT t.*, sum(decisions) OVER (PARTITION BY bucket, strategy, selected_agent) AS size FROM t),
          ranked AS (
            SELECT sized.*, dense_rank() OVER (PARTITION BY bucket ORDER BY strategy = /*others*/, size DESC, strategy, selected_agent) <= /*max*/::bigint AS is_kept
            FROM sized),
          fresh AS MATERIALIZED (
            SELECT bucket, CASE WHEN is_kept THEN strategy ELSE /*others*/ END AS strategy,
                   CASE WHEN is_kept THEN selected_agent ELSE /*others*/ END AS selected_agent, bin, /*sums*/
            FROM ranked GROUP BY 1, 2, 3, 4),
          gone AS (
            DELETE FROM agent_insight_decisions r
            WHERE r.level = (SELECT level FROM p) AND r.bucket = ANY (ARRAY (SELECT bucket FROM w))
              AND (r.bucket, r.strategy, r.selected_agent, r.bin) NOT IN (SELECT bucket, strategy, selected_agent, bin FROM fresh)
            RETURNING r.bucket),
          put AS (
            INSERT INTO agent_insight_decisions AS r SELECT (SELECT level FROM p), fresh.*, now() FROM fresh
            ON CONFLICT (level, bucket, strategy, selected_agent, bin) DO UPDATE SET /*assignments*/, computed_at = EXCLUDED.computed_at
            WHERE (/*old*/) IS DISTINCT FROM (/*new*/)
            RETURNING r.bucket)
          SELECT bucket FROM gone UNION SELECT bucket FROM put"""
              .replace("/*sums*/", SUMS)
              .replace("/*assignments*/", columns("%1$s = EXCLUDED.%1$s"))
              .replace("/*old*/", columns("r.%1$s"))
              .replace("/*new*/", columns("EXCLUDED.%1$s")));

  private Decisions() {}

  /** Returns a form for each column of figures, separated by commas. */
  private static String columns(String form) {
    return java.util.Arrays.stream(SUMS.split(",\\s+", -1))
        .map(sum -> form.formatted(sum.strip().replaceAll(".* AS ", "")))
        .collect(java.util.stream.Collectors.joining(", "));
  }
}

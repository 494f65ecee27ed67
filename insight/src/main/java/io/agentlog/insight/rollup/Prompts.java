package io.agentlog.insight.rollup;

/** Statements for {@code agent_insight_prompts}, whose buckets are days. */
final class Prompts {
  /** IDs that a row holds. */
  private static final int EXAMPLES_MAX = 20;

  // IS TRUE keeps the server from planning a loop over the kept groups: it hashes them.
  private static final String ROWS =
      """
      e AS MATERIALIZED (
        SELECT b.bucket, l.execution_id, /*name l.user_prompt_sha256*/ AS sha256, /*name l.agent_name*/ AS agent_name,
               /*name l.project_name*/ AS project_name, l.status, l.completed_at, /*score l.quality_score*/ AS q, l.routing_decision_id,
               nullif(greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint), -1::bigint), -1::bigint) AS us
        FROM b CROSS JOIN LATERAL (/*ended in b*/) AS l
        WHERE l.user_prompt_sha256 IS NOT NULL AND (l.seen & 56::int2) = 0::int2),
      r AS (
        SELECT bucket, sha256, agent_name, project_name,
               row_number() OVER (PARTITION BY bucket ORDER BY count(*) DESC, sha256, agent_name, project_name) AS place
        FROM e GROUP BY 1, 2, 3, 4 HAVING count(*) > 1::bigint),
      """;

  static final BucketTable TABLE =
      new BucketTable(
          ROWS,
          ROWS, // There is no level below.
          """
          fresh AS MATERIALIZED (
            SELECT bucket, sha256, agent_name, project_name, count(*)::int AS times,
                   (count(*) FILTER (WHERE status = 'success'))::int AS succeeded, (count(*) FILTER (WHERE status = 'failed'))::int AS failed,
                   (count(*) FILTER (WHERE status = 'cancelled'))::int AS cancelled, min(completed_at) AS first_seen,
                   max(completed_at) AS last_seen, count(q)::int AS quality_n, coalesce(sum(q), 0) AS quality_sum, min(q) AS quality_min,
                   max(q) AS quality_max, count(us)::int AS duration_n, coalesce(sum(us), 0) AS duration_us, min(us) AS duration_us_min,
                   max(us) AS duration_us_max,
                   count(DISTINCT (SELECT d.selected_agent FROM agent_routing_decisions d WHERE d.id = e.routing_decision_id))::int AS routes,
                   (array_agg(execution_id ORDER BY completed_at DESC, execution_id))[1:/*examples*/] AS examples
            FROM e WHERE ((bucket, sha256, agent_name, project_name)
              IN (SELECT bucket, sha256, agent_name, project_name FROM r WHERE place <= /*max*/::bigint)) IS TRUE
            GROUP BY 1, 2, 3, 4),
          gone AS (
            DELETE FROM agent_insight_prompts r WHERE r.bucket = ANY (ARRAY (SELECT bucket FROM b))
              AND (r.bucket, r.prompt_sha256, r.agent_name, r.project_name) NOT IN (SELECT bucket, sha256, agent_name, project_name FROM fresh)
            RETURNING r.bucket),
          put AS (
            INSERT INTO agent_insight_prompts AS r SELECT fresh.*, now() FROM fresh
            ON CONFLICT (bucket, prompt_sha256, agent_name, project_name) DO UPDATE SET times = EXCLUDED.times, succeeded = EXCLUDED.succeeded,
              failed = EXCLUDED.failed, cancelled = EXCLUDED.cancelled, first_seen = EXCLUDED.first_seen, last_seen = EXCLUDED.last_seen,
              quality_n = EXCLUDED.quality_n, quality_sum = EXCLUDED.quality_sum, quality_min = EXCLUDED.quality_min,
              quality_max = EXCLUDED.quality_max, duration_n = EXCLUDED.duration_n, duration_us = EXCLUDED.duration_us,
              duration_us_min = EXCLUDED.duration_us_min, duration_us_max = EXCLUDED.duration_us_max, routes = EXCLUDED.routes,
              examples = EXCLUDED.examples, computed_at = EXCLUDED.computed_at
            WHERE (r.times, r.succeeded, r.failed, r.last_seen, r.routes, r.quality_sum, r.duration_us, r.examples)
              IS DISTINCT FROM (EXCLUDED.times, EXCLUDED.succeeded, EXCLUDED.failed, EXCLUDED.last_seen, EXCLUDED.routes, EXCLUDED.quality_sum,
                EXCLUDED.duration_us, EXCLUDED.examples)
            RETURNING r.bucket)
          SELECT bucket FROM gone UNION SELECT bucket FROM put"""
              .replace("/*examples*/", "" + EXAMPLES_MAX));

  private Prompts() {}
}

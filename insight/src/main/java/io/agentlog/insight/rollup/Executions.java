package io.agentlog.insight.rollup;

/** Statements for {@code agent_insight_rollup}. */
final class Executions {
  static final BucketTable TABLE =
      new BucketTable(
          // What stands for tokens and cost is in UsageSums. e: the rows. t: of a pair of names,
          // the totals (part 0), the durations (1) and the
          // scores (2) by bin.
          UsageSums.expanded(
              """
              e AS MATERIALIZED (
                SELECT b.bucket, /*name l.agent_name*/ COLLATE "C" AS agent_name, /*name l.project_name*/ COLLATE "C" AS project_name, l.status,
                       (l.seen & 56::int2) <> 0::int2 AS is_provisional, l.parent_execution_id IS NULL AS is_root,
                       nullif(greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint), -1::bigint), -1::bigint) AS us,
                       /*score l.quality_score*/ AS score, /*use*/
                FROM /*absent*/ CROSS JOIN b CROSS JOIN LATERAL (/*used and ended in b*/) AS l),
              t AS MATERIALIZED (
                SELECT bucket, agent_name, project_name, 0 AS part, 0 AS bin, count(*) AS n, count(*) FILTER (WHERE NOT is_provisional) AS ended,
                       count(*) FILTER (WHERE NOT is_provisional AND status = 'success') AS succeeded,
                       count(*) FILTER (WHERE NOT is_provisional AND status = 'failed') AS failed,
                       count(*) FILTER (WHERE NOT is_provisional AND status = 'cancelled') AS cancelled,
                       count(*) FILTER (WHERE is_provisional) AS provisional,
                       count(*) FILTER (WHERE NOT is_provisional AND is_root) AS roots,
                       count(*) FILTER (WHERE NOT is_provisional AND is_root AND status = 'failed') AS roots_failed,
                       sum(us) FILTER (WHERE NOT is_provisional) AS duration_us, count(score) FILTER (WHERE NOT is_provisional) AS quality_n,
                       sum(score) FILTER (WHERE NOT is_provisional) AS quality_sum, /*sums of use*/
                FROM e GROUP BY 1, 2, 3
                UNION ALL
                SELECT bucket, agent_name, project_name, 1, floor(ln(greatest(us, 1::bigint)::float8) / ln(1.01::float8 / 0.99::float8))::int AS bin,
                       count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /*no use*/
                FROM e WHERE NOT is_provisional AND us IS NOT NULL GROUP BY 1, 2, 3, 5
                UNION ALL
                SELECT bucket, agent_name, project_name, 2, least(greatest(floor(score * 200.0), 0.0), 199.0)::int AS bin,
                       count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /*no use*/
                FROM e WHERE NOT is_provisional AND score IS NOT NULL GROUP BY 1, 2, 3, 5),
              """),
          UsageSums.expanded(
              """
              e AS MATERIALIZED (
                SELECT b.bucket AS into_bucket, r.agent_name COLLATE "C" AS agent_name, r.project_name COLLATE "C" AS project_name, r.ended,
                       r.succeeded, r.failed, r.cancelled, r.provisional, r.roots, r.roots_failed, r.duration_us, r.duration_bins,
                       r.duration_counts, r.quality_n, r.quality_sum, r.quality_bins, r.quality_counts, /*use below*/
                FROM b JOIN agent_insight_rollup r ON r.level = b.below AND r.bucket >= b.bucket AND r.bucket < b.ends),
              t AS MATERIALIZED (
                SELECT into_bucket AS bucket, agent_name, project_name, 0 AS part, 0 AS bin, sum(ended + provisional) AS n, sum(ended) AS ended,
                       sum(succeeded) AS succeeded, sum(failed) AS failed, sum(cancelled) AS cancelled, sum(provisional) AS provisional,
                       sum(roots) AS roots, sum(roots_failed) AS roots_failed, sum(duration_us) AS duration_us, sum(quality_n) AS quality_n,
                       sum(quality_sum) AS quality_sum, /*sums of use*/
                FROM e GROUP BY 1, 2, 3
                UNION ALL
                SELECT into_bucket, agent_name, project_name, 1, u.bin, sum(u.n), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /*no use*/
                FROM e, unnest(duration_bins, duration_counts) AS u (bin, n) GROUP BY 1, 2, 3, 5
                UNION ALL
                SELECT into_bucket, agent_name, project_name, 2, u.bin, sum(u.n), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /*no use*/
                FROM e, unnest(quality_bins, quality_counts) AS u (bin, n) GROUP BY 1, 2, 3, 5),
              """),
          // No joins: the server can't estimate how many names there are, and would loop over them.
          // "C" sorts fast.
          UsageSums.expanded(
              """
              over AS (
                SELECT bucket, agent_name, project_name
                FROM (SELECT t.*, row_number() OVER (PARTITION BY bucket ORDER BY agent_name = /*others*/, n DESC, agent_name, project_name) AS place
                      FROM t WHERE part = 0) AS ranked
                WHERE place > /*max*/::bigint),
              named AS (
                SELECT t.*, CASE WHEN (bucket, agent_name, project_name) IN (SELECT bucket, agent_name, project_name FROM over) THEN /*others*/ END
                         AS others FROM t),
              kept AS (
                SELECT bucket, coalesce(others, agent_name) AS agent_name, coalesce(others, project_name) AS project_name, part, bin, n, ended,
                       succeeded, failed, cancelled, provisional, roots, roots_failed, duration_us, quality_n, quality_sum, /*columns of use*/
                FROM named WHERE part = 0 OR others IS NULL
                UNION ALL
                SELECT bucket, others, others, part, bin, sum(n), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /*no use*/
                FROM named WHERE part > 0 AND others IS NOT NULL GROUP BY 1, 2, 3, 4, 5),
              fresh AS MATERIALIZED (
                SELECT bucket, agent_name, project_name, sum(ended)::int AS ended, sum(succeeded)::int AS succeeded, sum(failed)::int AS failed,
                       sum(cancelled)::int AS cancelled, sum(provisional)::int AS provisional, sum(roots)::int AS roots,
                       sum(roots_failed)::int AS roots_failed, coalesce(sum(duration_us), 0) AS duration_us,
                       coalesce(array_agg(bin ORDER BY bin) FILTER (WHERE part = 1), '{}') AS duration_bins,
                       coalesce(array_agg(n::int ORDER BY bin) FILTER (WHERE part = 1), '{}') AS duration_counts,
                       sum(quality_n)::int AS quality_n, coalesce(sum(quality_sum), 0) AS quality_sum,
                       coalesce(array_agg(bin::smallint ORDER BY bin) FILTER (WHERE part = 2), '{}') AS quality_bins,
                       coalesce(array_agg(n::int ORDER BY bin) FILTER (WHERE part = 2), '{}') AS quality_counts, /*all use*/
                FROM kept GROUP BY 1, 2, 3),
              gone AS (
                DELETE FROM agent_insight_rollup r
                WHERE r.level = (SELECT level FROM p) AND r.bucket = ANY (ARRAY (SELECT bucket FROM b))
                  AND (r.bucket, r.agent_name COLLATE "C", r.project_name COLLATE "C") NOT IN (SELECT bucket, agent_name, project_name FROM fresh)
                RETURNING r.bucket),
              put AS (
                INSERT INTO agent_insight_rollup AS r (level, bucket, agent_name, project_name, ended, succeeded, failed, cancelled, provisional,
                  roots, roots_failed, duration_us, duration_bins, duration_counts, quality_n, quality_sum, quality_bins, quality_counts, /*stored use*/, computed_at)
                SELECT (SELECT level FROM p), fresh.*, now() FROM fresh
                ON CONFLICT (level, bucket, agent_name, project_name) DO UPDATE SET
                  ended = EXCLUDED.ended, succeeded = EXCLUDED.succeeded, failed = EXCLUDED.failed, cancelled = EXCLUDED.cancelled,
                  provisional = EXCLUDED.provisional, roots = EXCLUDED.roots, roots_failed = EXCLUDED.roots_failed,
                  duration_us = EXCLUDED.duration_us, duration_bins = EXCLUDED.duration_bins, duration_counts = EXCLUDED.duration_counts,
                  quality_n = EXCLUDED.quality_n, quality_sum = EXCLUDED.quality_sum, quality_bins = EXCLUDED.quality_bins,
                  quality_counts = EXCLUDED.quality_counts, /*set use*/, computed_at = EXCLUDED.computed_at
                WHERE (r.ended, r.succeeded, r.failed, r.cancelled, r.provisional, r.roots, r.roots_failed, r.duration_us, r.duration_bins,
                    r.duration_counts, r.quality_n, r.quality_sum, r.quality_bins, r.quality_counts, /*r use*/)
                  IS DISTINCT FROM (EXCLUDED.ended, EXCLUDED.succeeded, EXCLUDED.failed, EXCLUDED.cancelled, EXCLUDED.provisional, EXCLUDED.roots,
                    EXCLUDED.roots_failed, EXCLUDED.duration_us, EXCLUDED.duration_bins, EXCLUDED.duration_counts, EXCLUDED.quality_n,
                    EXCLUDED.quality_sum, EXCLUDED.quality_bins, EXCLUDED.quality_counts, /*EXCLUDED use*/)
                RETURNING r.bucket)
              SELECT bucket FROM gone UNION SELECT bucket FROM put\
              """));

  private Executions() {}
}

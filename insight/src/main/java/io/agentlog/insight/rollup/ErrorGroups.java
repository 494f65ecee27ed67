package io.agentlog.insight.rollup;

/** Statements for {@code agent_insight_errors}. */
final class ErrorGroups {
  static final BucketTable TABLE =
      new BucketTable(
          """
          t AS (
            SELECT b.bucket, /*name l.agent_name*/ AS agent_name, /*name l.project_name*/ AS project_name,
                   /*name l.error_type*/ AS error_type, /*fingerprint*/ AS fingerprint,
                   count(*) AS n, count(*) FILTER (WHERE (l.seen & 56::int2) <> 0::int2) AS provisional,
                   min(l.completed_at) AS first_seen, max(l.completed_at) AS last_seen,
                   (array_agg(l.execution_id ORDER BY l.completed_at DESC, l.execution_id))[1] AS example
            FROM b CROSS JOIN LATERAL (/*ended in b*/) AS l
            WHERE l.status = 'failed' GROUP BY 1, 2, 3, 4, 5),
          """
              .replace("/*fingerprint*/", Fingerprints.SQL),
          """
          t AS (
            SELECT b.bucket, r.agent_name, r.project_name, r.error_type, r.fingerprint, sum(r.n) AS n, sum(r.provisional) AS provisional,
                   min(r.first_seen) AS first_seen, max(r.last_seen) AS last_seen,
                   (array_agg(r.example ORDER BY r.last_seen DESC, r.example))[1] AS example
            FROM b JOIN agent_insight_errors r ON r.level = b.below AND r.bucket >= b.bucket AND r.bucket < b.ends
            GROUP BY 1, 2, 3, 4, 5),
          """,
          """
          k AS (
            SELECT t.*, row_number() OVER (PARTITION BY bucket ORDER BY agent_name = /*others*/, n DESC, agent_name, project_name, error_type, fingerprint)
                     <= /*max*/::bigint AS is_kept FROM t),
          fresh AS MATERIALIZED (
            SELECT bucket, CASE WHEN is_kept THEN agent_name ELSE /*others*/ END AS agent_name,
                   CASE WHEN is_kept THEN project_name ELSE /*others*/ END AS project_name,
                   CASE WHEN is_kept THEN error_type ELSE /*others*/ END AS error_type,
                   CASE WHEN is_kept THEN fingerprint ELSE '' END AS fingerprint, sum(n)::int AS n, sum(provisional)::int AS provisional,
                   min(first_seen) AS first_seen, max(last_seen) AS last_seen, (array_agg(example ORDER BY last_seen DESC, example))[1] AS example
            FROM k GROUP BY 1, 2, 3, 4, 5),
          gone AS (
            DELETE FROM agent_insight_errors r
            WHERE r.level = (SELECT level FROM p) AND r.bucket = ANY (ARRAY (SELECT bucket FROM b))
              AND (r.bucket, r.agent_name, r.project_name, r.error_type, r.fingerprint)
                NOT IN (SELECT bucket, agent_name, project_name, error_type, fingerprint FROM fresh)
            RETURNING r.bucket),
          put AS (
            INSERT INTO agent_insight_errors AS r
              (level, bucket, agent_name, project_name, error_type, fingerprint, n, provisional, first_seen, last_seen, example)
            SELECT (SELECT level FROM p), fresh.* FROM fresh
            ON CONFLICT (level, bucket, agent_name, project_name, error_type, fingerprint) DO UPDATE SET n = EXCLUDED.n,
              provisional = EXCLUDED.provisional, first_seen = EXCLUDED.first_seen, last_seen = EXCLUDED.last_seen, example = EXCLUDED.example
            WHERE (r.n, r.provisional, r.first_seen, r.last_seen, r.example)
              IS DISTINCT FROM (EXCLUDED.n, EXCLUDED.provisional, EXCLUDED.first_seen, EXCLUDED.last_seen, EXCLUDED.example)
            RETURNING r.bucket)
          SELECT bucket FROM gone UNION SELECT bucket FROM put""");

  private ErrorGroups() {}
}

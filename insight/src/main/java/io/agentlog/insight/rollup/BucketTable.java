package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * A table of buckets, computed from the agent's rows or from the level below. What has not changed
 * is not written, so a recompute of the same rows costs no space. Immutable.
 */
final class BucketTable {
  /** Rows of a bucket; the rest is one more row. */
  static final int ROWS_MAX = 1_000;

  /** Stands for the agents, projects and errors that have no row of their own. */
  static final String OTHERS = "(others)";

  private static final String BUCKETS =
      "WITH b AS (SELECT v::timestamptz AS bucket, ?::smallint AS level, ?::interval AS width FROM unnest(?::text[]) AS v),\n";

  private final String fromRows;
  private final String fromBelow;

  private BucketTable(String rows, String below, String put) {
    String tail = put.replace("/*max*/", "" + ROWS_MAX).replace("/*others*/", "'" + OTHERS + "'");
    fromRows = BUCKETS + rows + tail;
    fromBelow = BUCKETS + below + tail;
  }

  /** Computes buckets from the agent's rows; returns those that have changed. */
  NavigableSet<Instant> compute(Transaction tx, Level level, Collection<Instant> buckets)
      throws SQLException {
    return run(tx, fromRows, level, buckets);
  }

  /** Computes buckets from those of the level below; returns those that have changed. */
  NavigableSet<Instant> sum(Transaction tx, Level level, Collection<Instant> buckets)
      throws SQLException {
    return run(tx, fromBelow, level, buckets);
  }

  private static NavigableSet<Instant> run(
      Transaction tx, String sql, Level level, Collection<Instant> buckets) throws SQLException {
    return buckets.isEmpty()
        ? new TreeSet<>()
        : new TreeSet<>(
            Sql.list(
                tx,
                sql,
                row -> requireNonNull(Sql.time(row, 1)),
                level.code,
                level.interval(),
                buckets));
  }

  /** Executions: {@code agent_insight_rollup}. */
  static final BucketTable EXECUTIONS =
      new BucketTable(
          // e: the rows. t: totals of a pair of names. d, q: its durations and scores by bin.
          """
          e AS MATERIALIZED (
            SELECT b.bucket, coalesce(l.agent_name, '') AS agent_name, coalesce(l.project_name, '') AS project_name, l.status,
                   (l.seen & 56::int2) <> 0::int2 AS is_provisional, l.parent_execution_id IS NULL AS is_root,
                   greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint), 0::bigint) AS us, l.quality_score AS score
            FROM b JOIN agent_execution_logs l ON l.completed_at >= b.bucket AND l.completed_at < b.bucket + b.width),
          t AS (
            SELECT bucket, agent_name, project_name, count(*) FILTER (WHERE NOT is_provisional) AS ended,
                   count(*) FILTER (WHERE NOT is_provisional AND status = 'success') AS succeeded,
                   count(*) FILTER (WHERE NOT is_provisional AND status = 'failed') AS failed,
                   count(*) FILTER (WHERE NOT is_provisional AND status = 'cancelled') AS cancelled,
                   count(*) FILTER (WHERE is_provisional) AS provisional,
                   count(*) FILTER (WHERE NOT is_provisional AND is_root) AS roots,
                   count(*) FILTER (WHERE NOT is_provisional AND is_root AND status = 'failed') AS roots_failed,
                   coalesce(sum(us) FILTER (WHERE NOT is_provisional), 0) AS duration_us,
                   count(score) FILTER (WHERE NOT is_provisional) AS quality_n,
                   coalesce(sum(score) FILTER (WHERE NOT is_provisional), 0) AS quality_sum
            FROM e GROUP BY 1, 2, 3),
          d AS (
            SELECT bucket, agent_name, project_name, floor(ln(greatest(us, 1::bigint)::float8) / ln(1.01::float8 / 0.99::float8))::int AS bin,
                   count(*) AS n
            FROM e WHERE NOT is_provisional AND us IS NOT NULL GROUP BY 1, 2, 3, 4),
          q AS (
            SELECT bucket, agent_name, project_name, least(greatest(floor(score * 200.0), 0.0), 199.0)::smallint AS bin, count(*) AS n
            FROM e WHERE NOT is_provisional AND score IS NOT NULL GROUP BY 1, 2, 3, 4),
          """,
          """
          e AS MATERIALIZED (
            SELECT b.bucket AS into_bucket, r.*
            FROM b JOIN agent_insight_rollup r ON r.level = b.level - 1::int2 AND r.bucket >= b.bucket AND r.bucket < b.bucket + b.width),
          t AS (
            SELECT into_bucket AS bucket, agent_name, project_name, sum(ended) AS ended, sum(succeeded) AS succeeded, sum(failed) AS failed,
                   sum(cancelled) AS cancelled, sum(provisional) AS provisional, sum(roots) AS roots, sum(roots_failed) AS roots_failed,
                   sum(duration_us) AS duration_us, sum(quality_n) AS quality_n, sum(quality_sum) AS quality_sum
            FROM e GROUP BY 1, 2, 3),
          d AS (
            SELECT into_bucket AS bucket, agent_name, project_name, u.bin, sum(u.n) AS n
            FROM e, unnest(duration_bins, duration_counts) AS u (bin, n) GROUP BY 1, 2, 3, 4),
          q AS (
            SELECT into_bucket AS bucket, agent_name, project_name, u.bin, sum(u.n) AS n
            FROM e, unnest(quality_bins, quality_counts) AS u (bin, n) GROUP BY 1, 2, 3, 4),
          """,
          // k: under which names a pair is kept.
          """
          k AS MATERIALIZED (
            SELECT bucket, agent_name, project_name,
                   CASE WHEN place <= /*max*/::bigint THEN agent_name ELSE /*others*/ END AS kept_agent,
                   CASE WHEN place <= /*max*/::bigint THEN project_name ELSE /*others*/ END AS kept_project
            FROM (SELECT bucket, agent_name, project_name,
                         row_number() OVER (PARTITION BY bucket ORDER BY ended + provisional DESC, agent_name, project_name) AS place
                  FROM t) AS ranked),
          kept_t AS (
            SELECT bucket, kept_agent, kept_project, sum(ended)::int AS ended, sum(succeeded)::int AS succeeded, sum(failed)::int AS failed,
                   sum(cancelled)::int AS cancelled, sum(provisional)::int AS provisional, sum(roots)::int AS roots,
                   sum(roots_failed)::int AS roots_failed, sum(duration_us) AS duration_us, sum(quality_n)::int AS quality_n,
                   sum(quality_sum) AS quality_sum
            FROM t JOIN k USING (bucket, agent_name, project_name) GROUP BY 1, 2, 3),
          kept_d AS (
            SELECT bucket, kept_agent, kept_project, array_agg(bin ORDER BY bin) AS bins, array_agg(n ORDER BY bin) AS counts
            FROM (SELECT bucket, kept_agent, kept_project, bin, sum(n)::int AS n FROM d JOIN k USING (bucket, agent_name, project_name)
                  GROUP BY 1, 2, 3, 4) AS s GROUP BY 1, 2, 3),
          kept_q AS (
            SELECT bucket, kept_agent, kept_project, array_agg(bin ORDER BY bin) AS bins, array_agg(n ORDER BY bin) AS counts
            FROM (SELECT bucket, kept_agent, kept_project, bin, sum(n)::int AS n FROM q JOIN k USING (bucket, agent_name, project_name)
                  GROUP BY 1, 2, 3, 4) AS s GROUP BY 1, 2, 3),
          fresh AS MATERIALIZED (
            SELECT b.level, kept_t.*, coalesce(kept_d.bins, '{}'::int[]) AS duration_bins, coalesce(kept_d.counts, '{}'::int[]) AS duration_counts,
                   coalesce(kept_q.bins, '{}'::smallint[]) AS quality_bins, coalesce(kept_q.counts, '{}'::int[]) AS quality_counts
            FROM kept_t JOIN b USING (bucket) LEFT JOIN kept_d USING (bucket, kept_agent, kept_project)
              LEFT JOIN kept_q USING (bucket, kept_agent, kept_project)),
          gone AS (
            DELETE FROM agent_insight_rollup r USING b
            WHERE r.level = b.level AND r.bucket = b.bucket AND NOT EXISTS (SELECT FROM fresh f
              WHERE f.bucket = r.bucket AND f.kept_agent = r.agent_name AND f.kept_project = r.project_name)
            RETURNING r.bucket),
          put AS (
            INSERT INTO agent_insight_rollup AS r (level, bucket, agent_name, project_name, ended, succeeded, failed, cancelled, provisional,
              roots, roots_failed, duration_us, duration_bins, duration_counts, quality_n, quality_sum, quality_bins, quality_counts, computed_at)
            SELECT level, bucket, kept_agent, kept_project, ended, succeeded, failed, cancelled, provisional,
              roots, roots_failed, duration_us, duration_bins, duration_counts, quality_n, quality_sum, quality_bins, quality_counts, now()
            FROM fresh
            ON CONFLICT (level, bucket, agent_name, project_name) DO UPDATE SET
              ended = EXCLUDED.ended, succeeded = EXCLUDED.succeeded, failed = EXCLUDED.failed, cancelled = EXCLUDED.cancelled,
              provisional = EXCLUDED.provisional, roots = EXCLUDED.roots, roots_failed = EXCLUDED.roots_failed,
              duration_us = EXCLUDED.duration_us, duration_bins = EXCLUDED.duration_bins, duration_counts = EXCLUDED.duration_counts,
              quality_n = EXCLUDED.quality_n, quality_sum = EXCLUDED.quality_sum, quality_bins = EXCLUDED.quality_bins,
              quality_counts = EXCLUDED.quality_counts, computed_at = EXCLUDED.computed_at
            WHERE (r.ended, r.succeeded, r.failed, r.cancelled, r.provisional, r.roots, r.roots_failed, r.duration_us, r.duration_bins,
                r.duration_counts, r.quality_n, r.quality_sum, r.quality_bins, r.quality_counts)
              IS DISTINCT FROM (EXCLUDED.ended, EXCLUDED.succeeded, EXCLUDED.failed, EXCLUDED.cancelled, EXCLUDED.provisional, EXCLUDED.roots,
                EXCLUDED.roots_failed, EXCLUDED.duration_us, EXCLUDED.duration_bins, EXCLUDED.duration_counts, EXCLUDED.quality_n,
                EXCLUDED.quality_sum, EXCLUDED.quality_bins, EXCLUDED.quality_counts)
            RETURNING r.bucket)
          SELECT bucket FROM gone UNION SELECT bucket FROM put""");

  /** Failed executions: {@code agent_insight_errors}. */
  static final BucketTable ERRORS =
      new BucketTable(
          """
          t AS (
            SELECT b.bucket, coalesce(l.agent_name, '') AS agent_name, coalesce(l.project_name, '') AS project_name,
                   coalesce(l.error_type, '') AS error_type, /*fingerprint*/ AS fingerprint,
                   count(*) AS n, count(*) FILTER (WHERE (l.seen & 56::int2) <> 0::int2) AS provisional,
                   min(l.completed_at) AS first_seen, max(l.completed_at) AS last_seen,
                   (array_agg(l.execution_id ORDER BY l.completed_at DESC, l.execution_id))[1] AS example
            FROM b JOIN agent_execution_logs l ON l.completed_at >= b.bucket AND l.completed_at < b.bucket + b.width
            WHERE l.status = 'failed' GROUP BY 1, 2, 3, 4, 5),
          """
              .replace("/*fingerprint*/", Fingerprints.SQL),
          """
          t AS (
            SELECT b.bucket, r.agent_name, r.project_name, r.error_type, r.fingerprint, sum(r.n) AS n, sum(r.provisional) AS provisional,
                   min(r.first_seen) AS first_seen, max(r.last_seen) AS last_seen,
                   (array_agg(r.example ORDER BY r.last_seen DESC, r.example))[1] AS example
            FROM b JOIN agent_insight_errors r ON r.level = b.level - 1::int2 AND r.bucket >= b.bucket AND r.bucket < b.bucket + b.width
            GROUP BY 1, 2, 3, 4, 5),
          """,
          """
          k AS (
            SELECT t.*, row_number() OVER (PARTITION BY bucket ORDER BY n DESC, agent_name, project_name, error_type, fingerprint)
                     <= /*max*/::bigint AS is_kept FROM t),
          fresh AS MATERIALIZED (
            SELECT b.level, bucket, CASE WHEN is_kept THEN agent_name ELSE /*others*/ END AS agent_name,
                   CASE WHEN is_kept THEN project_name ELSE /*others*/ END AS project_name,
                   CASE WHEN is_kept THEN error_type ELSE /*others*/ END AS error_type,
                   CASE WHEN is_kept THEN fingerprint ELSE '' END AS fingerprint, sum(n)::int AS n, sum(provisional)::int AS provisional,
                   min(first_seen) AS first_seen, max(last_seen) AS last_seen, (array_agg(example ORDER BY last_seen DESC, example))[1] AS example
            FROM k JOIN b USING (bucket) GROUP BY 1, 2, 3, 4, 5, 6),
          gone AS (
            DELETE FROM agent_insight_errors r USING b
            WHERE r.level = b.level AND r.bucket = b.bucket AND NOT EXISTS (SELECT FROM fresh f
              WHERE f.bucket = r.bucket AND f.agent_name = r.agent_name AND f.project_name = r.project_name AND f.error_type = r.error_type
                AND f.fingerprint = r.fingerprint)
            RETURNING r.bucket),
          put AS (
            INSERT INTO agent_insight_errors AS r
              (level, bucket, agent_name, project_name, error_type, fingerprint, n, provisional, first_seen, last_seen, example)
            SELECT level, bucket, agent_name, project_name, error_type, fingerprint, n, provisional, first_seen, last_seen, example FROM fresh
            ON CONFLICT (level, bucket, agent_name, project_name, error_type, fingerprint) DO UPDATE SET n = EXCLUDED.n,
              provisional = EXCLUDED.provisional, first_seen = EXCLUDED.first_seen, last_seen = EXCLUDED.last_seen, example = EXCLUDED.example
            WHERE (r.n, r.provisional, r.first_seen, r.last_seen, r.example)
              IS DISTINCT FROM (EXCLUDED.n, EXCLUDED.provisional, EXCLUDED.first_seen, EXCLUDED.last_seen, EXCLUDED.example)
            RETURNING r.bucket)
          SELECT bucket FROM gone UNION SELECT bucket FROM put""");
}

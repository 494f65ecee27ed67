package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Compares the sums of buckets with those that were stored. Most buckets have not changed when they
 * are looked at again, and the sums cost a quarter of a computation. A row of which only the names
 * have changed is in the ledger.
 */
final class ChangedBuckets {
  private static final String STATEMENT =
      UsageSums.expanded(
          """
          WITH b AS (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v)
          SELECT b.bucket
          FROM /*absent*/ CROSS JOIN b CROSS JOIN LATERAL (
            SELECT count(*) AS n, count(*) FILTER (WHERE NOT is_real) AS provisional, count(*) FILTER (WHERE is_real AND status = 'success') AS succeeded,
                   count(*) FILTER (WHERE is_real AND status = 'failed') AS failed, count(*) FILTER (WHERE is_real AND status = 'cancelled') AS cancelled,
                   count(*) FILTER (WHERE is_real AND parent_execution_id IS NULL) AS roots,
                   coalesce(sum(us) FILTER (WHERE is_real), 0) AS duration_us, count(score) FILTER (WHERE is_real) AS quality_n,
                   coalesce(sum(score) FILTER (WHERE is_real), 0) AS quality_sum, coalesce(sum(model_calls), 0) AS model_calls,
                   coalesce(sum(input_tokens), 0) + coalesce(sum(output_tokens), 0) AS tokens, coalesce(sum(cost_n), 0) AS cost_n, coalesce(sum(cost), 0) AS cost,
                   min(low_currency) AS low_currency, max(high_currency) AS high_currency
            FROM (SELECT (l.seen & 56::int2) = 0::int2 AS is_real, l.status, l.parent_execution_id,
                         nullif(greatest(coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint), -1::bigint), -1::bigint) AS us,
                         CASE WHEN l.quality_score >= 0.0 AND l.quality_score <= 1.0 THEN l.quality_score END AS score, /*use*/
                  FROM (/*used and ended in b*/) AS l) AS e) AS c
          LEFT JOIN (
            SELECT bucket, sum(ended + provisional) AS n, sum(provisional) AS provisional, sum(succeeded) AS succeeded, sum(failed) AS failed,
                   sum(cancelled) AS cancelled, sum(roots) AS roots, sum(duration_us) AS duration_us, sum(quality_n) AS quality_n, sum(quality_sum) AS quality_sum,
                   sum(model_calls) AS model_calls, sum(input_tokens + output_tokens) AS tokens, sum(cost_n) AS cost_n, sum(cost) AS cost,
                   min(cost_currency) FILTER (WHERE cost_n > 0) AS low_currency, max(cost_currency) FILTER (WHERE cost_n > 0) AS high_currency,
                   bool_or(cost_currency = '/*several*/') AS differ
            FROM agent_insight_rollup WHERE level = ?::smallint AND bucket = ANY (?::text[]::timestamptz[]) GROUP BY 1) AS s USING (bucket)
          WHERE (c.n, c.provisional, c.succeeded, c.failed, c.cancelled, c.roots, c.duration_us, c.quality_n, c.quality_sum, c.model_calls, c.tokens, c.cost_n)
            IS DISTINCT FROM (coalesce(s.n, 0), coalesce(s.provisional, 0), coalesce(s.succeeded, 0), coalesce(s.failed, 0), coalesce(s.cancelled, 0),
              coalesce(s.roots, 0), coalesce(s.duration_us, 0), coalesce(s.quality_n, 0), coalesce(s.quality_sum, 0),
              coalesce(s.model_calls, 0), coalesce(s.tokens, 0), coalesce(s.cost_n, 0))
            OR CASE WHEN s.differ AND c.low_currency <> c.high_currency THEN false
                    ELSE (c.cost, c.low_currency, c.high_currency) IS DISTINCT FROM (coalesce(s.cost, 0), s.low_currency, s.high_currency) END\
          """);

  private ChangedBuckets() {}

  /** Returns those of some buckets whose rows are not what was counted. */
  static NavigableSet<Instant> of(Transaction tx, Level level, Collection<Instant> buckets)
      throws SQLException {
    return buckets.isEmpty()
        ? new TreeSet<>()
        : new TreeSet<>(
            Sql.list(
                tx,
                STATEMENT,
                row -> requireNonNull(Sql.time(row, 1)),
                level.interval(),
                buckets,
                level.code,
                buckets));
  }
}

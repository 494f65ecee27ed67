package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Compares how many rows there are with how many were counted, by an index alone. */
final class Reconcile {
  /** A stored bucket with more rows than there are has lost them to retention: it stays. */
  private static final String UNCOUNTED =
      """
      SELECT c.bucket
      FROM (SELECT date_trunc(?::text, completed_at, 'UTC') AS bucket, count(*) AS n
            FROM agent_execution_logs WHERE completed_at >= ?::timestamptz AND completed_at < ?::timestamptz GROUP BY 1) AS c
      LEFT JOIN (SELECT bucket, sum(ended + provisional) AS n FROM agent_insight_rollup
                 WHERE level = ?::smallint AND bucket >= ?::timestamptz AND bucket < ?::timestamptz GROUP BY 1) AS s USING (bucket)
      WHERE c.n > coalesce(s.n, 0::bigint)""";

  // A row that is in the ledger and in another bucket now has not been removed.
  private static final String WHOLE =
      """
      SELECT b.bucket
      FROM (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v) AS b
      LEFT JOIN (SELECT bucket, sum(ended + provisional) AS n FROM agent_insight_rollup WHERE level = ?::smallint
                   AND bucket = ANY (?::text[]::timestamptz[]) GROUP BY 1) AS s USING (bucket)
      WHERE CASE WHEN s.n IS NULL THEN true ELSE s.n <=
        (SELECT count(*) FROM agent_execution_logs l WHERE l.completed_at >= b.bucket AND l.completed_at < b.ends)
        + (SELECT count(*) FROM agent_insight_provisional p JOIN agent_execution_logs l USING (execution_id)
           WHERE p.minute >= b.bucket AND p.minute < b.ends AND l.completed_at IS NOT NULL
             AND NOT (l.completed_at >= b.bucket AND l.completed_at < b.ends)) END""";

  private Reconcile() {}

  /** Returns the buckets of a range that have more rows than were counted. */
  static NavigableSet<Instant> uncounted(Transaction tx, Level level, Range range)
      throws SQLException {
    return new TreeSet<>(
        Sql.list(
            tx,
            UNCOUNTED,
            row -> requireNonNull(Sql.time(row, 1)),
            level.unit(),
            range.begins(),
            range.ends(),
            level.code,
            range.begins(),
            range.ends()));
  }

  /**
   * Returns those of some buckets that may be computed again, because no row that they count has
   * been removed since.
   */
  static NavigableSet<Instant> whole(Transaction tx, Level level, Collection<Instant> buckets)
      throws SQLException {
    return buckets.isEmpty()
        ? new TreeSet<>()
        : new TreeSet<>(
            Sql.list(
                tx,
                WHOLE,
                row -> requireNonNull(Sql.time(row, 1)),
                level.interval(),
                buckets,
                level.code,
                buckets));
  }
}

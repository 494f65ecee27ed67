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
      """
      WITH p AS (SELECT ?::smallint AS level, ?::interval AS width),
      b AS (SELECT v::timestamptz AS bucket, v::timestamptz + p.width AS ends, p.level - 1::int2 AS below FROM p, unnest(?::text[]) AS v),
      """;

  /**
   * Rows of the agent that ended in a bucket of {@code b}. OFFSET 0 keeps the server from reading
   * all rows first, because they are few, and then looking for the bucket of each.
   */
  private static final String ENDED =
      "SELECT * FROM agent_execution_logs WHERE completed_at >= b.bucket AND completed_at < b.ends OFFSET 0";

  private final String fromRows;
  private final String fromBelow;

  /**
   * Makes the statements.
   *
   * @param rows makes the relation {@code t} of the agent's rows, for the buckets {@code b}; the
   *     comment "ended in b" in it stands for {@link #ENDED}
   * @param below makes it of the rows of the level below
   * @param put makes rows of it, at most {@link #ROWS_MAX} a bucket, and returns the buckets that
   *     have changed
   */
  BucketTable(String rows, String below, String put) {
    String tail = put.replace("/*max*/", "" + ROWS_MAX).replace("/*others*/", "'" + OTHERS + "'");
    fromRows = BUCKETS + rows.replace("/*ended in b*/", ENDED) + tail;
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
}

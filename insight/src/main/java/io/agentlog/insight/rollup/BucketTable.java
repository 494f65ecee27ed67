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
  static final String ENDED =
      "SELECT * FROM agent_execution_logs WHERE completed_at >= b.bucket AND completed_at < b.ends"
          + " OFFSET 0";

  /** Names with more bytes are cut, because an entry of an index holds 2,704 bytes. */
  static final int NAME_BYTES_MAX = 512;

  /** Characters that are left of a name that is cut; a hash of the whole follows. */
  private static final int CUT_CHARACTERS = 100;

  /** The name in a column {@code $1}; '' if there is none. */
  private static final String NAME =
      "coalesce(CASE WHEN octet_length($1) <= "
          + NAME_BYTES_MAX
          + " THEN $1 ELSE left($1, "
          + CUT_CHARACTERS
          + ") || '...' || left(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 32) END, '')";

  /** A score or a confidence in a column {@code $1}; null if it is not from 0 to 1, as NaN. */
  private static final String SCORE = "CASE WHEN $1 >= 0.0 AND $1 <= 1.0 THEN $1 END";

  private final String fromRows;
  private final String fromBelow;

  /**
   * Makes the statements.
   *
   * @param rows makes the relation {@code t} of the agent's rows, for the buckets {@code b}; the
   *     comment "ended in b" in it stands for {@link #ENDED}, "name" and a column for {@link
   *     #NAME}, "score" and a column for {@link #SCORE}
   * @param below makes it of the rows of the level below
   * @param put makes rows of it, at most {@link #ROWS_MAX} a bucket, and returns the buckets that
   *     have changed
   */
  BucketTable(String rows, String below, String put) {
    String tail = put.replace("/*max*/", "" + ROWS_MAX).replace("/*others*/", "'" + OTHERS + "'");
    fromRows = BUCKETS + expanded(rows) + tail;
    fromBelow = BUCKETS + below + tail;
  }

  /** Returns a statement in which the comments stand for what they name. */
  static String expanded(String rows) {
    return rows.replace("/*ended in b*/", ENDED)
        .replaceAll("/\\*name ([a-z_.0-9]+)\\*/", NAME)
        .replaceAll("/\\*score ([a-z_.]+)\\*/", SCORE);
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

package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a row which was counted has changed since: a real end has replaced a provisional one
 * and stands in another minute, or the start has come after the end. Without the ledger the minute
 * that the row has left would count it for ever.
 *
 * <p>Not thread-safe. Rows are looked up by primary key, in turn.
 */
final class Ledger {
  /** Rows that one look takes. */
  static final int ROWS_MAX = 10_000;

  private static final UUID FIRST = new UUID(0, 0);

  /** True of a row that counts and whose figures may still change, {@code l}. */
  private static final String MAY_CHANGE =
      "((l.seen & 56::int2) <> 0::int2 OR (l.seen & 5::int2) = 4::int2) AND " + Rollup.COUNTS;

  private static final String BUCKETS =
      "WITH b AS (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v)\n";

  // The entry of a row that is in another minute now moves there, if the row may change again.
  private static final String MOVE =
      BUCKETS
          + """
          UPDATE agent_insight_provisional p SET minute = date_trunc('minute', l.completed_at, 'UTC'), seen = l.seen
          FROM b, agent_execution_logs l
          WHERE p.minute >= b.bucket AND p.minute < b.ends AND l.execution_id = p.execution_id AND\s"""
          + MAY_CHANGE
          + " AND (p.minute, p.seen) IS DISTINCT FROM (date_trunc('minute', l.completed_at, 'UTC'), l.seen)";

  private static final String DROP =
      BUCKETS
          + """
          DELETE FROM agent_insight_provisional p USING b
          WHERE p.minute >= b.bucket AND p.minute < b.ends AND NOT EXISTS (SELECT FROM agent_execution_logs l
            WHERE l.execution_id = p.execution_id AND\s"""
          + MAY_CHANGE
          + ")";

  // An entry that is there names a minute that may still count the row, so it stays as it is.
  private static final String ENTER =
      BUCKETS
          + """
          INSERT INTO agent_insight_provisional (execution_id, minute, seen)
          SELECT l.execution_id, date_trunc('minute', l.completed_at, 'UTC'), l.seen
          FROM b CROSS JOIN LATERAL (
            SELECT execution_id, completed_at, seen FROM agent_execution_logs WHERE completed_at >= b.bucket AND completed_at < b.ends OFFSET 0) AS l
          WHERE\s"""
          + MAY_CHANGE
          + " ON CONFLICT (execution_id) DO NOTHING";

  // A row whose end does not count any more has left its minute, and is in no other.
  private static final String LOOK =
      """
      SELECT p.execution_id, p.minute,
             CASE WHEN /*counts*/ THEN date_trunc('minute', l.completed_at, 'UTC') WHEN l.completed_at IS NOT NULL THEN p.minute END,
             l.seen = p.seen AND /*counts*/
      FROM (SELECT * FROM agent_insight_provisional WHERE execution_id > ? ORDER BY execution_id LIMIT ?) AS p
      LEFT JOIN agent_execution_logs l USING (execution_id) ORDER BY 1"""
          .replace("/*counts*/", Rollup.COUNTS);

  private UUID position = FIRST;

  /** Brings the entries of buckets that have just been counted up to date. */
  static void enter(Transaction tx, Level level, Collection<Instant> buckets) throws SQLException {
    if (!buckets.isEmpty()) {
      for (String sql : List.of(MOVE, DROP, ENTER)) {
        Sql.update(tx, sql, level.interval(), buckets);
      }
    }
  }

  private record Entry(UUID id, Instant minute, @Nullable Instant now, boolean isSame) {}

  /** Looks at the next rows; the minutes of one that has changed become dirty. */
  void look(Transaction tx, Backlog backlog) throws SQLException {
    List<Entry> entries =
        Sql.list(
            tx,
            LOOK,
            row ->
                new Entry(
                    row.getObject(1, UUID.class),
                    requireNonNull(Sql.time(row, 2)),
                    Sql.time(row, 3),
                    row.getBoolean(4)),
            position,
            ROWS_MAX);
    position = entries.size() < ROWS_MAX ? FIRST : entries.get(entries.size() - 1).id;
    TreeSet<Instant> dirty = new TreeSet<>();
    for (Entry entry : entries) {
      boolean stays = entry.minute.equals(entry.now);
      if (entry.now != null && !(stays && entry.isSame)) {
        dirty.add(entry.minute);
        dirty.add(entry.now);
      }
    }
    backlog.addAll(Range.of(dirty, Level.MINUTE));
  }
}

package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeSet;

/**
 * Finds rows that came long after their end, by when they last changed. Needs the BRIN index {@code
 * agent_execution_logs_updated}; without it {@link Reconcile} finds them later.
 */
final class LateEnds {
  static final Duration PERIOD = Duration.ofSeconds(60);

  /**
   * {@code updated_at} is the start of the writer's transaction, so a row may appear so long behind
   * the cursor. One that was longer under way is found by {@link Reconcile}.
   */
  private static final Duration OVERLAP = Duration.ofMinutes(2);

  /** The most that one look takes, so that a long gap delays no tick. */
  private static final Duration STEP = Duration.ofMinutes(15);

  private static final String CURSOR = "late";

  private static final String HAS_INDEX =
      """
      SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
      WHERE '"' || replace(n.nspname::text, '"', '""') || '"' = ? AND c.relname = 'agent_execution_logs_updated' AND i.indisvalid""";

  private static final String LATE =
      """
      SELECT DISTINCT date_trunc('minute', l.completed_at, 'UTC') FROM agent_execution_logs l
      WHERE l.updated_at > ?::timestamptz AND l.updated_at <= ?::timestamptz AND l.completed_at < ?::timestamptz AND\s"""
          + Rollup.COUNTS;

  private LateEnds() {}

  /** True if the index is there and usable. */
  static boolean canLook(Transaction tx) throws SQLException {
    return !Sql.list(tx, HAS_INDEX, row -> true, tx.schema()).isEmpty();
  }

  /** Looks at what has changed since the last look. */
  static void look(Transaction tx, State state, Backlog backlog) throws SQLException {
    Instant from = state.cursor(CURSOR, state.now());
    Instant to = from.plus(STEP).isBefore(state.now()) ? from.plus(STEP) : state.now();
    TreeSet<Instant> minutes =
        new TreeSet<>(
            Sql.list(
                tx,
                LATE,
                row -> requireNonNull(Sql.time(row, 1)),
                from.minus(OVERLAP),
                to,
                state.now().minus(Cadence.LATE_AFTER)));
    backlog.addAll(Range.of(minutes, Level.MINUTE));
    state.move(CURSOR, to);
  }

  /** True if it is time to look, or the last look did not come to the end. */
  static boolean isDue(State state) {
    return state.isDue(CURSOR, PERIOD);
  }
}

package io.agentlog.insight.rollup;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cursors of {@code agent_insight_state}, in one transaction that holds the lock of a duty. */
final class State {
  private final Transaction tx;
  private final Instant now;
  private final Map<String, Instant> cursors = new HashMap<>();

  private State(Transaction tx, Instant now) {
    this.tx = tx;
    this.now = now;
  }

  /**
   * Takes the lock of a duty until the transaction ends.
   *
   * @return null if another program has it
   */
  static @Nullable State lock(Transaction tx, String duty) throws SQLException {
    Instant now =
        Sql.firstTime(
            tx,
            "SELECT now() WHERE pg_try_advisory_xact_lock(hashtextextended(?, 0))",
            "agentlog-insight " + duty + " " + tx.schema());
    if (now == null) {
      return null;
    }
    State state = new State(tx, now);
    Sql.list(
        tx,
        "SELECT key, cursor FROM agent_insight_state WHERE cursor IS NOT NULL",
        row -> state.cursors.put(row.getString(1), Sql.time(row, 2)));
    return state;
  }

  /** Returns the start of the transaction, by the database's clock. */
  Instant now() {
    return now;
  }

  @Nullable Instant cursor(String key) {
    return cursors.get(key);
  }

  /** Returns the cursor, after setting it if there is none. */
  Instant cursor(String key, Instant otherwise) throws SQLException {
    Instant cursor = cursors.get(key);
    if (cursor == null) {
      move(key, otherwise);
      return otherwise;
    }
    return cursor;
  }

  /** True if a duty never ran or ran so long ago; its cursor is when it ran. */
  boolean isDue(String key, Duration period) {
    Instant last = cursors.get(key);
    return last == null || !now.isBefore(last.plus(period));
  }

  void move(String key, Instant cursor) throws SQLException {
    Sql.update(
        tx,
        """
        INSERT INTO agent_insight_state AS s (key, tick, cursor) VALUES (?, 1, ?)
        ON CONFLICT (key) DO UPDATE SET tick = s.tick + 1::bigint, cursor = EXCLUDED.cursor""",
        key,
        cursor);
    cursors.put(key, cursor);
  }

  /** Forgets the cursor. */
  void clear(String key) throws SQLException {
    Sql.update(tx, "UPDATE agent_insight_state SET cursor = NULL WHERE key = ?", key);
    cursors.remove(key);
  }
}

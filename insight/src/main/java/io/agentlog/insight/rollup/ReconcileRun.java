package io.agentlog.insight.rollup;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.function.Function;

/**
 * Compares the whole history with what was counted, once a night, a day of it with each tick. Where
 * {@link LateEnds} can't look, it compares sums as well as counts, because a row that was counted
 * may have changed, and the last two days each hour.
 */
final class ReconcileRun {
  /** The hour of the day, UTC, at which the nightly one begins. */
  private static final Duration NIGHT = Duration.ofHours(2);

  private static final Duration RECENT = Duration.ofDays(2);
  private static final Duration RECENT_PERIOD = Duration.ofHours(1);

  /** Cursor: when the last nightly one began. */
  private static final String NIGHTLY = "reconcile";

  /** Cursor: how far back the one under way has come. */
  private static final String POSITION = "reconcile-position";

  private static final String HOURLY = "reconcile-recent";

  private final Transaction tx;
  private final State state;
  private final Backlog backlog;
  private final Function<Instant, Level> levelOf;
  private final boolean comparesSums;

  ReconcileRun(Transaction tx, State state, Backlog backlog, Function<Instant, Level> levelOf)
      throws SQLException {
    this.tx = tx;
    this.state = state;
    this.backlog = backlog;
    this.levelOf = levelOf;
    comparesSums = !LateEnds.canLook(tx);
  }

  /**
   * Does the next step, if one is due.
   *
   * @param now true to begin anew
   */
  void advance(boolean now) throws SQLException {
    Instant last = state.cursor(NIGHTLY, state.now()); // The first history is computed anyway.
    Instant night = Level.DAY.floor(state.now()).plus(NIGHT);
    if (now || (last.isBefore(night) && !state.now().isBefore(night))) {
      state.move(NIGHTLY, state.now());
      state.move(POSITION, Cadence.begin(state.now()));
    }
    if (comparesSums && state.isDue(HOURLY, RECENT_PERIOD)) {
      state.move(HOURLY, state.now());
      compare(new Range(state.now().minus(RECENT), Cadence.begin(state.now())));
    }
    Instant position = state.cursor(POSITION);
    if (position != null) {
      step(position);
    }
  }

  private void step(Instant position) throws SQLException {
    Instant day = Level.DAY.floor(position.minusNanos(1));
    Instant older = // Of the rows before that day, the latest.
        Sql.firstTime(
            tx,
            "SELECT max(l.completed_at) FROM agent_execution_logs l WHERE l.completed_at < ?::timestamptz AND "
                + Rollup.COUNTS,
            day);
    compare(new Range(day, position));
    if (older == null) {
      state.clear(POSITION);
    } else {
      state.move(POSITION, Level.DAY.next(Level.DAY.floor(older)));
    }
  }

  /** Compares a range, in parts of one level each. */
  private void compare(Range range) throws SQLException {
    Instant ends = range.ends();
    while (ends.isAfter(range.begins())) {
      Level level = levelOf.apply(ends.minusNanos(1));
      Instant begins = Level.HOUR.floor(ends.minusNanos(1));
      if (level == Level.DAY) {
        begins = Level.DAY.floor(begins);
      }
      while (begins.isAfter(range.begins()) && levelOf.apply(begins.minusNanos(1)) == level) {
        begins = begins.minus(level == Level.DAY ? Duration.ofDays(1) : Duration.ofHours(1));
      }
      Range part = new Range(begins, ends);
      NavigableSet<Instant> differ = Reconcile.uncounted(tx, level, part);
      if (comparesSums) {
        differ.addAll(ChangedBuckets.of(tx, level, part.buckets(level)));
      }
      backlog.addAll(Range.of(differ, level));
      ends = begins;
    }
  }
}

package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Times that are still to be computed, in {@code agent_insight_dirty}. The newest come first. */
final class Backlog {
  private static final int RANGES_MAX = 1_000;
  private static final Duration LONG = Duration.ofDays(1);

  /** After all times. */
  private static final Instant ANY = Instant.parse("9999-12-31T00:00:00Z");

  private final Transaction tx;
  private final String duty;
  private final Instant before;

  Backlog(Transaction tx, String duty) {
    this(tx, duty, ANY);
  }

  private Backlog(Transaction tx, String duty, Instant before) {
    this.tx = tx;
    this.duty = duty;
    this.before = before;
  }

  /** Returns the part of a duty's times that ended before a whole minute. */
  static Backlog endedBefore(Transaction tx, String duty, Instant before) throws SQLException {
    Sql.update(
        tx,
        """
        WITH cut AS (UPDATE agent_insight_dirty SET begins = ?::timestamptz
          WHERE duty = ? AND begins < ?::timestamptz AND ends > ?::timestamptz)
        INSERT INTO agent_insight_dirty (duty, begins, ends)
        SELECT d.duty, d.begins, ?::timestamptz FROM agent_insight_dirty d
        WHERE d.duty = ? AND d.begins < ?::timestamptz AND d.ends > ?::timestamptz""",
        before,
        duty,
        before,
        before,
        before,
        duty,
        before,
        before);
    return new Backlog(tx, duty, before);
  }

  /**
   * Adds ranges even if others cover them. For a duty with transactions of its own: one that is
   * under way may just be taking what covers them, and not see yet why they are added.
   */
  void addAgain(List<Range> ranges) throws SQLException {
    if (!ranges.isEmpty()) {
      Sql.update(
          tx,
          """
          INSERT INTO agent_insight_dirty (duty, begins, ends)
          SELECT ?::text, v.begins, v.ends FROM unnest(?::text[]::timestamptz[], ?::text[]::timestamptz[]) AS v (begins, ends)""",
          duty,
          ranges.stream().map(Range::begins).toList(),
          ranges.stream().map(Range::ends).toList());
    }
  }

  /** Adds a range, unless another covers it. */
  void add(Range range) throws SQLException {
    addAll(List.of(range));
  }

  /** Adds ranges, but for those that others cover. */
  void addAll(List<Range> ranges) throws SQLException {
    if (ranges.isEmpty()) {
      return;
    }
    Sql.update(
        tx,
        """
        INSERT INTO agent_insight_dirty (duty, begins, ends)
        SELECT ?::text, v.begins, v.ends FROM unnest(?::text[]::timestamptz[], ?::text[]::timestamptz[]) AS v (begins, ends)
        WHERE NOT EXISTS (SELECT FROM agent_insight_dirty d
          WHERE d.duty = ?::text AND d.begins <= v.begins AND d.ends >= v.ends)""",
        duty,
        ranges.stream().map(Range::begins).toList(),
        ranges.stream().map(Range::ends).toList(),
        duty);
  }

  /** Returns the end of the newest range; null if there is nothing to do. */
  @Nullable Instant newest() throws SQLException {
    return time(
        "SELECT max(ends) FROM agent_insight_dirty WHERE duty = ? AND ends <= ?::timestamptz");
  }

  /** Returns the beginning of the oldest range; null if there is nothing to do. */
  @Nullable Instant oldest() throws SQLException {
    return time(
        "SELECT min(begins) FROM agent_insight_dirty WHERE duty = ? AND ends <= ?::timestamptz");
  }

  private @Nullable Instant time(String sql) throws SQLException {
    return Sql.firstTime(tx, sql, duty, before);
  }

  /**
   * Shortens the newest range, if it is long, to the latest row that it has: a clock that was far
   * behind, or a pause of weeks, leaves many buckets without rows.
   */
  void skipEmpty() throws SQLException {
    for (Open range : open(1)) {
      if (Duration.between(range.begins, range.ends).compareTo(LONG) < 0) {
        return;
      }
      Instant latest =
          Sql.firstTime(
              tx,
              """
                  SELECT greatest(
                    (SELECT max(completed_at) FROM agent_execution_logs WHERE completed_at >= ?::timestamptz AND completed_at < ?::timestamptz),
                    (SELECT max(minute) FROM agent_insight_provisional WHERE minute >= ?::timestamptz AND minute < ?::timestamptz))""",
              range.begins,
              range.ends,
              range.begins,
              range.ends);
      Instant ends = latest == null ? range.begins : Level.MINUTE.next(Level.MINUTE.floor(latest));
      shorten(range, ends.isBefore(range.ends) ? ends : range.ends);
    }
  }

  private List<Open> open(int max) throws SQLException {
    return Sql.list(
        tx,
        "SELECT ctid::text, begins, ends FROM agent_insight_dirty WHERE duty = ? AND ends <= ?::timestamptz ORDER BY ends DESC, begins LIMIT "
            + max,
        row ->
            new Open(
                row.getString(1),
                requireNonNull(Sql.time(row, 2)),
                requireNonNull(Sql.time(row, 3))),
        duty,
        before);
  }

  private record Open(String place, Instant begins, Instant ends) {}

  /**
   * Takes the newest buckets.
   *
   * @param levelOf the level at which a time is computed
   * @param span how much to take; at least one bucket is taken
   * @return the buckets by level
   */
  Map<Level, NavigableSet<Instant>> take(Function<Instant, Level> levelOf, Duration span)
      throws SQLException {
    Map<Level, NavigableSet<Instant>> taken = new EnumMap<>(Level.class);
    long minutesLeft = span.toMinutes();
    for (Open range : open(RANGES_MAX)) {
      Instant ends = range.ends;
      while (minutesLeft > 0 && ends.isAfter(range.begins)) {
        Level level = levelOf.apply(ends.minusNanos(1));
        Instant bucket = level.floor(ends.minusNanos(1));
        if (taken.computeIfAbsent(level, l -> new TreeSet<>()).add(bucket)) {
          minutesLeft -= level.minutes();
        }
        ends = bucket;
      }
      shorten(range, ends);
      if (minutesLeft <= 0) {
        break;
      }
    }
    return taken;
  }

  private void shorten(Open range, Instant ends) throws SQLException {
    if (!ends.isAfter(range.begins)) {
      Sql.update(tx, "DELETE FROM agent_insight_dirty WHERE ctid = ?::tid", range.place);
    } else if (ends.isBefore(range.ends)) {
      Sql.update(
          tx, "UPDATE agent_insight_dirty SET ends = ? WHERE ctid = ?::tid", ends, range.place);
    }
  }
}

package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code agent_insight_decisions} and {@code agent_insight_prompts}, whose figures need
 * neither be as fresh as the trends nor change for long. Each step is one transaction.
 *
 * <p>Not thread-safe: one thread.
 */
public final class SlowTables implements AutoCloseable {
  /** Days with more executions are searched for repeated prompts once they are over. */
  static final int PROMPT_ROWS_MAX = 1_000_000;

  private static final Duration STATEMENT_MAX = Duration.ofMinutes(15);

  /** An outcome may come hours after the decision; after the last of these times it is final. */
  private static final Duty DECISIONS =
      new Duty(
          "decisions",
          Level.HOUR,
          Duration.ofMinutes(1),
          List.of(
              Duration.ofHours(1),
              Duration.ofHours(2),
              Duration.ofHours(6),
              Duration.ofHours(24),
              Duration.ofHours(48)));

  private static final Duty PROMPTS =
      new Duty(
          "prompts",
          Level.DAY,
          Duration.ofMinutes(15),
          List.of(Duration.ofMinutes(10), Duration.ofHours(24)));

  private final TableTransactions transactions;
  private final Pace pace = new Pace(Duration.ofHours(1), Duration.ofHours(4), Duration.ofDays(30));

  /** Does no I/O. */
  public SlowTables(Config config) {
    transactions = new TableTransactions(config, "agentlog-insight");
  }

  /**
   * When a table is computed.
   *
   * @param period how often the bucket under way is
   * @param again when a bucket is, after its end
   */
  private record Duty(String name, Level level, Duration period, List<Duration> again) {
    Duration watched() {
      return again.get(again.size() - 1);
    }

    /** Returns the buckets that are due, but for the ones under way. */
    NavigableSet<Instant> due(Instant last, Instant now) {
      NavigableSet<Instant> due = new TreeSet<>();
      Instant bucket = level.floor(last.minus(watched()).minusSeconds(level.minutes() * 60));
      for (; bucket.isBefore(level.floor(now)); bucket = level.next(bucket)) {
        for (Duration time : again) {
          Instant at = level.next(bucket).plus(time);
          if (at.isAfter(last) && !at.isAfter(now)) {
            due.add(bucket);
          }
        }
      }
      return due;
    }
  }

  /**
   * Computes what is due, or a part of the history. A failure of one table keeps none of the others
   * from being computed.
   *
   * @return how long that took; zero if nothing was due or another program is at work
   * @throws SinkUnavailableException if that was not possible; the message says what to do
   */
  public Duration step() throws SinkUnavailableException {
    Duration took = Duration.ZERO;
    @Nullable SinkUnavailableException failure = null;
    for (Duty duty : List.of(DECISIONS, PROMPTS)) {
      try {
        took = took.plus(step(duty));
      } catch (SinkUnavailableException e) {
        if (failure == null) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return took;
  }

  @Override
  public void close() {
    transactions.close();
  }

  private Duration step(Duty duty) throws SinkUnavailableException {
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      long start = System.nanoTime();
      State state = State.lock(tx, duty.name);
      if (state == null || !step(tx, state, duty)) {
        return Duration.ZERO;
      }
      tx.commit();
      return Duration.ofNanos(System.nanoTime() - start);
    } catch (SQLException e) {
      if (Problems.isRace(e)) {
        return Duration.ZERO;
      }
      throw Problems.outage(e, transactions);
    }
  }

  private boolean step(Transaction tx, State state, Duty duty) throws SQLException {
    Backlog backlog = new Backlog(tx, duty.name);
    boolean isDue = state.isDue(duty.name, duty.period);
    if (isDue) {
      Instant last = state.cursor(duty.name);
      if (last == null) {
        addHistory(tx, state.now(), duty, backlog);
      } else {
        backlog.addAll(Range.of(duty.due(last, state.now()), duty.level));
      }
      compute(tx, duty, new TreeSet<>(underWay(tx, state.now(), duty)));
      state.move(duty.name, state.now());
    }
    if (backlog.newest() == null) {
      if (isDue && duty.equals(DECISIONS)) {
        prune(tx, state.now());
      }
      return isDue;
    }
    long start = System.nanoTime();
    if (duty.equals(PROMPTS)) {
      backlog.skipEmpty();
    }
    Duration span = duty.equals(PROMPTS) ? Duration.ofDays(1) : pace.span();
    for (NavigableSet<Instant> buckets : backlog.take(time -> duty.level, span).values()) {
      compute(tx, duty, buckets);
    }
    if (duty.equals(DECISIONS)) {
      pace.took(Duration.ofNanos(System.nanoTime() - start));
    }
    return true;
  }

  private static void addHistory(Transaction tx, Instant now, Duty duty, Backlog backlog)
      throws SQLException {
    Instant oldest = Sql.firstTime(tx, duty.equals(DECISIONS) ? Decisions.OLDEST : Rollup.OLDEST);
    Instant end = duty.level.floor(now);
    if (oldest != null && oldest.isBefore(end)) {
      backlog.add(new Range(duty.level.floor(oldest), end));
    }
  }

  /** Returns the bucket under way, and the one before it while its rows come in. */
  private static List<Instant> underWay(Transaction tx, Instant now, Duty duty)
      throws SQLException {
    Instant current = duty.level.floor(now);
    if (duty.equals(DECISIONS)) {
      return List.of(duty.level.floor(current.minusNanos(1)), current);
    }
    long rows =
        Sql.list(
                tx,
                "SELECT coalesce(sum(ended), 0) FROM agent_insight_rollup WHERE level = 3::int2 AND bucket = ?::timestamptz",
                row -> row.getLong(1),
                current)
            .get(0);
    return rows > PROMPT_ROWS_MAX ? List.of() : List.of(current);
  }

  private static void compute(Transaction tx, Duty duty, NavigableSet<Instant> buckets)
      throws SQLException {
    if (duty.equals(PROMPTS)) {
      Prompts.TABLE.compute(tx, Level.DAY, Reconcile.whole(tx, Level.DAY, buckets));
      return;
    }
    NavigableSet<Instant> days = new TreeSet<>();
    Decisions.TABLE
        .compute(tx, Level.HOUR, buckets)
        .forEach(hour -> days.add(Level.DAY.floor(requireNonNull(hour))));
    Decisions.TABLE.sum(tx, Level.DAY, days);
  }

  private static void prune(Transaction tx, Instant now) throws SQLException {
    Sql.update(
        tx,
        "DELETE FROM agent_insight_decisions WHERE level = 2::int2 AND bucket < ?::timestamptz",
        Level.DAY.floor(now.minus(Rollup.HOURS_KEPT)));
  }
}

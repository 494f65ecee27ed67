package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code agent_insight_rollup} and {@code agent_insight_errors}. Each {@link #tick} is one
 * transaction: it takes the lock, computes the minutes that are due and a part of the history, and
 * moves the cursor.
 *
 * <p>Minutes older than {@link #MINUTES_KEPT} and hours older than {@link #HOURS_KEPT} are removed.
 * What becomes dirty there is computed at the level that is still kept.
 *
 * <p>Not thread-safe: one thread.
 */
public final class Rollup implements AutoCloseable {
  static final Duration MINUTES_KEPT = Duration.ofDays(2);
  static final Duration HOURS_KEPT = Duration.ofDays(90);

  /** The most that the server spends on a statement. */
  static final Duration STATEMENT_MAX = Duration.ofMinutes(5);

  /** Key of the cursor, the duty and the lock. */
  static final String DUTY = "rollup";

  /** True of an end, {@code l.completed_at}, that counts: others are no times of our era. */
  static final String COUNTS =
      "(l.completed_at >= '1970-01-01'::timestamptz AND l.completed_at < '9999-01-01'::timestamptz)";

  /** The end of the first execution that counts; null without any. */
  static final String OLDEST =
      "SELECT min(l.completed_at) FROM agent_execution_logs l WHERE " + COUNTS;

  /** Duty and cursor of the days. */
  private static final String DAYS = "days";

  private static final Duration DAYS_PERIOD = Duration.ofSeconds(60);

  /** The most days that a tick sums up. */
  private static final Duration DAYS_SPAN = Duration.ofDays(5);

  private static final Duration LOOK_PERIOD = Duration.ofSeconds(60);
  private static final Duration PRUNE_PERIOD = Duration.ofHours(1);

  /** A tick this much early counts, so that two programs don't compute the same twice. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  /** History that is younger is computed without a rest. */
  private static final Duration RECENT = Duration.ofHours(2);

  private final TableTransactions transactions;
  private final Pace pace =
      new Pace(Duration.ofMinutes(15), Duration.ofMinutes(15), Duration.ofDays(60));
  private final Ledger ledger = new Ledger();
  private Duration period = Cadence.PERIOD;
  private boolean reconcileRequested;

  /** Does no I/O. The user needs to read the agent's tables and to write the dashboard's. */
  public Rollup(Config config) {
    transactions = new TableTransactions(config, "agentlog-insight");
  }

  /**
   * The result of a tick.
   *
   * @param figuresAge how old the figures are after it; null if another program is at work
   * @param period time from one computation of the latest minutes to the next
   * @param historyTime what it spent on history
   * @param historyLeft how long ago the newest part of the history ended that is still to be
   *     computed; null if it is complete
   * @param mayRest false if the history is so recent that it should be complete soon
   */
  public record Tick(
      @Nullable Duration figuresAge,
      Duration period,
      Duration historyTime,
      @Nullable Duration historyLeft,
      boolean mayRest) {
    static final Tick BUSY = new Tick(null, Cadence.PERIOD, Duration.ZERO, null, true);
  }

  /**
   * Computes what is due, at most once in {@link Cadence#PERIOD} and less often where that takes
   * long, and a part of the history.
   *
   * @throws SinkUnavailableException if that was not possible; the message says what to do
   */
  public Tick tick() throws SinkUnavailableException {
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      State state = State.lock(tx, DUTY);
      if (state == null) {
        return Tick.BUSY;
      }
      Tick tick = new Run(tx, state).tick();
      tx.commit();
      return tick;
    } catch (SQLException e) {
      if (Problems.isRace(e)) {
        return Tick.BUSY;
      }
      throw Problems.outage(e, transactions);
    }
  }

  /** Lets the next tick begin to compare all rows with what was counted. */
  void requestReconcile() {
    reconcileRequested = true;
  }

  @Override
  public void close() {
    transactions.close();
  }

  /** One tick. */
  private final class Run {
    private final Transaction tx;
    private final State state;
    private final Instant now;
    private final Backlog backlog;
    private final Map<Level, NavigableSet<Instant>> executions = new EnumMap<>(Level.class);
    private final Map<Level, NavigableSet<Instant>> errors = new EnumMap<>(Level.class);
    private Instant minutesFrom;
    private Instant hoursFrom;

    Run(Transaction tx, State state) throws SQLException {
      this.tx = tx;
      this.state = state;
      now = state.now();
      backlog = new Backlog(tx, DUTY);
      minutesFrom = state.cursor("minutes", Level.HOUR.floor(now.minus(MINUTES_KEPT)));
      hoursFrom = state.cursor("hours", Level.DAY.floor(now.minus(HOURS_KEPT)));
      for (Level level : Level.values()) {
        executions.put(level, new TreeSet<>());
        errors.put(level, new TreeSet<>());
      }
    }

    Tick tick() throws SQLException {
      long start = System.nanoTime();
      if (state.isDue(DUTY, period.minus(SLACK))) {
        findHistory();
        NavigableSet<Instant> due = Cadence.due(state.cursor(DUTY), now);
        compute(Level.MINUTE, mayHaveChanged(due));
        judgeAgain(due);
        look();
        state.move(DUTY, now);
        period = Cadence.period(Duration.ofNanos(System.nanoTime() - start));
        start = System.nanoTime();
      }
      Instant end = backlog.newest();
      if (end != null) {
        backlog.skipEmpty();
        for (var taken : backlog.take(this::levelOf, pace.span()).entrySet()) {
          recompute(taken.getKey(), taken.getValue());
          ScoreTables.addAgain(tx, state, taken.getKey(), taken.getValue());
        }
      }
      sumUpHours();
      Instant left = backlog.newest();
      if (state.isDue(DAYS, DAYS_PERIOD) || (left == null && (end != null || hasPastDays()))) {
        sumUpDays();
      }
      if (left == null && hasPastDays()) {
        left = new Backlog(tx, DAYS).newest();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (end != null) {
        pace.took(took);
      }
      return new Tick(
          age(),
          period,
          end == null && left == null ? Duration.ZERO : took,
          left == null ? null : Duration.between(left, now),
          end == null || end.isBefore(now.minus(RECENT)));
    }

    /**
     * Has minutes judged that have changed or are due for the last time: stages may have come that
     * change no figure.
     */
    private void judgeAgain(NavigableSet<Instant> due) throws SQLException {
      NavigableSet<Instant> again = new TreeSet<>(changed(executions, Level.MINUTE));
      again.addAll(due.headSet(Level.MINUTE.floor(now.minus(Cadence.LATE_AFTER)), false));
      ScoreTables.addAgain(tx, state, Level.MINUTE, again);
    }

    /** The minutes without those that have ended and have not changed. */
    private NavigableSet<Instant> mayHaveChanged(NavigableSet<Instant> due) throws SQLException {
      NavigableSet<Instant> ended = due.headSet(Level.MINUTE.floor(now), false);
      NavigableSet<Instant> left = new TreeSet<>(due.tailSet(Level.MINUTE.floor(now), true));
      left.addAll(ChangedBuckets.of(tx, Level.MINUTE, ended));
      return left;
    }

    private Duration age() {
      return Duration.between(requireNonNull(state.cursor(DUTY)), now);
    }

    private void findHistory() throws SQLException {
      Instant last = state.cursor(DUTY);
      if (last != null) {
        Range missed = Cadence.missed(last, now);
        if (missed != null) {
          backlog.add(missed);
        }
        return;
      }
      Instant oldest = Sql.firstTime(tx, OLDEST);
      if (oldest != null && oldest.isBefore(Cadence.begin(now))) {
        backlog.add(new Range(Level.MINUTE.floor(oldest), Cadence.begin(now)));
      }
    }

    /** Looks for rows that have changed since they were counted, and for those that never were. */
    private void look() throws SQLException {
      if (state.isDue("ledger", LOOK_PERIOD)) {
        ledger.look(tx, backlog);
        state.move("ledger", now);
      }
      boolean looksForLateEnds = LateEnds.isDue(state) && LateEnds.canLook(tx);
      if (looksForLateEnds) {
        LateEnds.look(tx, state, backlog);
      }
      if (state.isDue("prune", PRUNE_PERIOD)) {
        prune();
        state.move("prune", now);
      }
      new ReconcileRun(tx, state, backlog, this::levelOf).advance(reconcileRequested);
      reconcileRequested = false;
    }

    /** Removes minutes and hours that are too old. A day under way still needs its hours. */
    private void prune() throws SQLException {
      minutesFrom = remove(Level.MINUTE, Level.HOUR.floor(now.minus(MINUTES_KEPT)), minutesFrom);
      state.move("minutes", minutesFrom);
      if (backlog.newest() == null && new Backlog(tx, DAYS).newest() == null) {
        hoursFrom = remove(Level.HOUR, Level.DAY.floor(now.minus(HOURS_KEPT)), hoursFrom);
        state.move("hours", hoursFrom);
      }
    }

    private Instant remove(Level level, Instant before, Instant old) throws SQLException {
      for (String table : new String[] {"agent_insight_rollup", "agent_insight_errors"}) {
        Sql.update(
            tx,
            "DELETE FROM " + table + " WHERE level = ?::smallint AND bucket < ?::timestamptz",
            level.code,
            before);
      }
      return before.isAfter(old) ? before : old;
    }

    private Level levelOf(Instant time) {
      return !time.isBefore(minutesFrom)
          ? Level.MINUTE
          : !time.isBefore(hoursFrom) ? Level.HOUR : Level.DAY;
    }

    /** Computes dirty buckets, but for those of which retention has removed rows. */
    private void recompute(Level level, NavigableSet<Instant> buckets) throws SQLException {
      NavigableSet<Instant> whole = Reconcile.whole(tx, level, buckets);
      if (level != Level.DAY) {
        compute(level, whole);
        return;
      }
      NavigableSet<Instant> hours = new TreeSet<>(); // They are gone, so all are made again.
      for (Instant day : whole) {
        for (Instant h = day; h.isBefore(Level.DAY.next(day)); h = Level.HOUR.next(h)) {
          hours.add(h);
        }
      }
      compute(Level.HOUR, hours);
    }

    private void compute(Level level, NavigableSet<Instant> buckets) throws SQLException {
      changed(executions, level).addAll(Executions.TABLE.compute(tx, level, buckets));
      changed(errors, level).addAll(ErrorGroups.TABLE.compute(tx, level, buckets));
      Ledger.enter(tx, level, buckets);
    }

    private void sumUpHours() throws SQLException {
      changed(executions, Level.HOUR)
          .addAll(
              Executions.TABLE.sum(
                  tx, Level.HOUR, above(changed(executions, Level.MINUTE), Level.HOUR)));
      ErrorGroups.TABLE.sum(tx, Level.HOUR, above(changed(errors, Level.MINUTE), Level.HOUR));
      new Backlog(tx, DAYS)
          .addAll(Range.of(above(changed(executions, Level.HOUR), Level.DAY), Level.DAY));
    }

    /** Sums up the days whose hours have changed since the last time: a day has many hours. */
    private void sumUpDays() throws SQLException {
      Backlog days = new Backlog(tx, DAYS);
      for (NavigableSet<Instant> buckets : days.take(time -> Level.DAY, DAYS_SPAN).values()) {
        Executions.TABLE.sum(tx, Level.DAY, buckets);
      }
      state.move(DAYS, now);
    }

    private boolean hasPastDays() throws SQLException {
      Instant oldest = new Backlog(tx, DAYS).oldest();
      return oldest != null && oldest.isBefore(Level.DAY.floor(now));
    }

    private static NavigableSet<Instant> above(NavigableSet<Instant> buckets, Level level) {
      NavigableSet<Instant> above = new TreeSet<>();
      buckets.forEach(bucket -> above.add(level.floor(bucket)));
      return above;
    }

    private static NavigableSet<Instant> changed(
        Map<Level, NavigableSet<Instant>> changed, Level level) {
      return requireNonNull(changed.get(level));
    }
  }
}

package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.score.Assessor;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code agent_insight_scores} and {@code agent_insight_assessments}: judges the executions
 * of a minute once its rows have come, and again when the rollup has computed the minute again.
 * Each step is one transaction.
 *
 * <p>Not thread-safe: one thread.
 */
public final class ScoreTables implements AutoCloseable {
  /** Key of the cursor, the duty and the lock. */
  static final String DUTY = "scores";

  /** How long after its end an execution is judged. */
  public static final Duration SETTLED_AFTER = Duration.ofSeconds(60);

  /** Older executions are not judged: neither by a new rule, nor if their end comes so late. */
  public static final Duration HISTORY = Duration.ofDays(7);

  /** If no rules were applied for so long, the rollup does not note what there is to do. */
  static final Duration IDLE_MAX = Duration.ofDays(1);

  /** Only executions that ended so lately are given to a judge. */
  static final Duration JUDGED_WITHIN = Duration.ofHours(1);

  private static final Duration STATEMENT_MAX = Duration.ofMinutes(5);
  private static final Duration PERIOD = Duration.ofSeconds(9);
  private static final Duration ACTIVE_PERIOD = Duration.ofSeconds(50);

  /** A rule that was not applied for so long has missed something. */
  private static final Duration GAP = Duration.ofMinutes(5);

  private static final Duration PRUNE_PERIOD = Duration.ofHours(1);
  private static final Duration OLD_RULE = Duration.ofDays(30);
  private static final String PRUNED = "scores-prune";
  private static final String RULE = "score ";

  private final TableTransactions transactions;
  private final Supplier<Rules> rules;
  private final boolean asksJudges;
  private final Pace pace =
      new Pace(Duration.ofMinutes(1), Duration.ofMinutes(15), Duration.ofHours(12));
  private @Nullable Rules current;
  private Assessor assessor = new Assessor(Rules.NONE);

  /**
   * Does no I/O.
   *
   * @param rules gives those that hold now
   * @param asksJudges whether executions may be chosen for judges
   */
  public ScoreTables(Config config, Supplier<Rules> rules, boolean asksJudges) {
    this.transactions = new TableTransactions(config, "agentlog-insight");
    this.rules = rules;
    this.asksJudges = asksJudges;
  }

  /**
   * Judges what is due.
   *
   * @return how long that took; zero if nothing is left to do or another program is at work
   * @throws SinkUnavailableException if that was not possible; the message says what to do
   */
  public Duration step() throws SinkUnavailableException {
    Rules latest = rules.get();
    if (!latest.equals(current)) {
      current = latest;
      assessor = new Assessor(latest);
    }
    if (assessor.isEmpty()) {
      return Duration.ZERO;
    }
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      long start = System.nanoTime();
      State state = State.lock(tx, DUTY);
      if (state == null) {
        return Duration.ZERO;
      }
      boolean worked = step(tx, state);
      tx.commit();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (worked) {
        pace.took(took);
      }
      return worked ? took : Duration.ZERO;
    } catch (SQLException e) {
      if (Problems.isRace(e)) {
        return Duration.ZERO;
      }
      throw Problems.outage(e, transactions);
    }
  }

  private boolean step(Transaction tx, State state) throws SQLException {
    Instant now = state.now();
    if (state.isDue(DUTY, PERIOD)) {
      Drops.note(tx);
      addMissed(tx, state);
      if (state.isDue(PRUNED, PRUNE_PERIOD)) {
        prune(tx, now);
        state.move(PRUNED, now);
      }
      state.move(DUTY, now);
    }
    Backlog backlog = Backlog.endedBefore(tx, DUTY, Level.MINUTE.floor(now.minus(SETTLED_AFTER)));
    if (backlog.newest() == null) {
      return false;
    }
    backlog.skipEmpty();
    Instant minutesFrom = Level.HOUR.floor(now.minus(Rollup.MINUTES_KEPT));
    Instant oldest = Level.HOUR.floor(now.minus(HISTORY));
    NavigableSet<Instant> hours = new TreeSet<>();
    NavigableSet<Instant> days = new TreeSet<>();
    Assessing assessing = new Assessing(tx, assessor, asksJudges ? now.minus(JUDGED_WITHIN) : null);
    for (var taken :
        backlog
            .take(time -> time.isBefore(minutesFrom) ? Level.HOUR : Level.MINUTE, pace.span())
            .entrySet()) {
      Level level = taken.getKey();
      NavigableSet<Instant> buckets =
          Reconcile.whole(tx, level, taken.getValue().tailSet(oldest, true));
      NavigableSet<Instant> changed = assessing.assess(level, buckets);
      (level == Level.MINUTE ? hours : days)
          .addAll(
              changed.stream()
                  .map(level == Level.MINUTE ? Level.HOUR::floor : Level.DAY::floor)
                  .toList());
    }
    sum(tx, Level.HOUR, hours).forEach(hour -> days.add(Level.DAY.floor(hour)));
    sum(tx, Level.DAY, days);
    return true;
  }

  private static NavigableSet<Instant> sum(
      Transaction tx, Level level, NavigableSet<Instant> buckets) throws SQLException {
    return buckets.isEmpty() ? buckets : ScoreCounts.sum(tx, level, buckets).put(tx, buckets, null);
  }

  /** Adds the time for which a rule was not applied: it is new, or no program ran. */
  private void addMissed(Transaction tx, State state) throws SQLException {
    Instant now = state.now();
    Instant begin = Level.MINUTE.floor(now.minus(HISTORY));
    for (String hash : assessor.hashes()) {
      String key = RULE + hash;
      Instant applied = state.cursor(key);
      if (applied == null || applied.isBefore(now.minus(GAP))) {
        Instant from = applied == null ? begin : Level.MINUTE.floor(applied.minus(GAP));
        new Backlog(tx, DUTY)
            .addAgain(
                List.of(new Range(from.isBefore(begin) ? begin : from, Level.MINUTE.floor(now))));
      }
      if (state.isDue(key, ACTIVE_PERIOD)) {
        state.move(key, now);
      }
    }
  }

  /** Notes that a rule has to be applied again to some buckets, if rules are applied at all. */
  static void addAgain(Transaction tx, State state, Level level, NavigableSet<Instant> buckets)
      throws SQLException {
    if (!buckets.isEmpty() && !state.isDue(DUTY, IDLE_MAX)) {
      Instant oldest = level.floor(state.now().minus(HISTORY));
      new Backlog(tx, DUTY).addAgain(Range.of(buckets.tailSet(oldest, true), level));
    }
  }

  private static void prune(Transaction tx, Instant now) throws SQLException {
    String counts =
        "DELETE FROM agent_insight_scores WHERE level = ?::smallint AND bucket < ?::timestamptz";
    Instant old = Level.DAY.floor(now.minus(Rollup.HOURS_KEPT));
    Sql.update(tx, counts, Level.MINUTE.code, Level.HOUR.floor(now.minus(Rollup.MINUTES_KEPT)));
    Sql.update(tx, counts, Level.HOUR.code, old);
    Sql.update(
        tx, "DELETE FROM agent_insight_assessments WHERE completed_at < ?::timestamptz", old);
    Sql.update(tx, "DELETE FROM agent_insight_judged WHERE completed_at < ?::timestamptz", old);
    Sql.update(
        tx,
        "DELETE FROM agent_insight_state WHERE key LIKE '"
            + RULE
            + "%' AND cursor < ?::timestamptz",
        now.minus(OLD_RULE));
    Drops.prune(tx, requireNonNull(now.minus(HISTORY).minus(IDLE_MAX)));
  }

  @Override
  public void close() {
    transactions.close();
  }
}

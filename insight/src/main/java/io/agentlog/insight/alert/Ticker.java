package io.agentlog.insight.alert;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.insight.figures.RowFindings;
import io.agentlog.insight.rollup.Problems;
import io.agentlog.insight.rollup.Sql;
import io.agentlog.insight.rules.Rules;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at all rules, once in a tick for all programs at a database.
 *
 * <p>A tick is one transaction: it takes the lock, moves the number of the tick, looks, and writes
 * what became of the alerts and what the channels are told. A crash leaves nothing or all of it.
 * The clock is the database's. The lock ends with the transaction, so a pooler may lend each
 * transaction another session.
 *
 * <p>Not thread-safe: one thread.
 */
final class Ticker implements AutoCloseable {
  /** The most that the server spends on a statement. */
  private static final Duration STATEMENT_MAX = Duration.ofMinutes(1);

  /** Key of the number of the tick. */
  private static final String KEY = "alerts";

  /** Old messages leave every so many ticks. */
  private static final int PRUNE_TICKS = 360;

  private static final String LOCK =
      """
      SELECT now(), s.tick, s.cursor FROM (SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS free) AS l
      LEFT JOIN agent_insight_state s ON s.key = ? WHERE l.free""";

  private static final String MOVE =
      """
      INSERT INTO agent_insight_state AS s (key, tick, cursor) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET tick = EXCLUDED.tick, cursor = EXCLUDED.cursor WHERE s.tick < EXCLUDED.tick""";

  private static final String COUNTS =
      """
      SELECT (SELECT count(*) FROM agent_insight_alerts WHERE state IN ('firing', 'recovering')),
             (SELECT count(*) FROM agent_insight_outbox WHERE next_at IS NOT NULL AND delivered_at IS NULL)""";

  private final TableTransactions transactions;
  private final Looks looks;
  private final AlertTimes times;
  private final String url;

  /**
   * Does no I/O.
   *
   * @param url before the addresses of pages in messages
   */
  Ticker(Config config, Looks looks, AlertTimes times, String url) {
    this.transactions = new TableTransactions(config, "agentlog-insight");
    this.looks = looks;
    this.times = times;
    this.url = url;
  }

  /**
   * Outcome of a tick.
   *
   * @param looked whether this program looked; false if another one did, or is at it
   * @param number of the tick
   * @param next how long after the tick's transaction began the next one is due
   * @param problem why a rule could not be looked at; null if all could
   * @param counts null if another program is at it
   */
  record Outcome(
      boolean looked,
      long number,
      Duration next,
      @Nullable String problem,
      @Nullable Counts counts) {}

  /**
   * Counts in the tables after a tick.
   *
   * @param firing alerts that fire or recover
   * @param waiting messages that are to be sent, Alertmanagers' repetitions left out
   * @param age time since the last tick; null before the first
   */
  record Counts(long firing, long waiting, @Nullable Duration age) {}

  private record Begun(Instant now, long tick, @Nullable Instant last) {}

  /**
   * Looks, unless another program has done or does it.
   *
   * @param mistakes of the rules file as it is now; empty if it has none
   * @param outage a time in which the database could not be reached; null for none
   * @throws SinkUnavailableException if the database can't be used; the message says what to do
   */
  Outcome tick(Rules rules, List<String> mistakes, @Nullable Outage outage)
      throws SinkUnavailableException {
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      Begun begun = begin(tx);
      if (begun == null) {
        return new Outcome(false, 0, times.tick().dividedBy(4), null, null);
      }
      long period = times.tick().toMillis();
      long number = Math.floorDiv(begun.now.toEpochMilli(), period);
      Duration next = Duration.ofMillis((number + 1) * period - begun.now.toEpochMilli());
      if (begun.tick >= number) {
        return new Outcome(false, number, next, clockProblem(begun, number), counts(tx, begun));
      }
      if (Sql.update(tx, MOVE, KEY, number, begun.now) == 0) {
        return new Outcome(false, number, next, null, counts(tx, begun));
      }
      Instant last = begun.last;
      if (last != null && last.plus(times.gap()).isBefore(begun.now)) {
        AlertRows.addGap(tx, last, begun.now);
      }
      TickRun run = new TickRun(tx, begun.now, rules, looks, times, url);
      String problem = run.run(mistakes, outage);
      if (number % PRUNE_TICKS == 0) {
        Outbox.prune(tx, begun.now);
        RowFindings.prune(tx);
      }
      Counts counts = counts(tx, new Begun(begun.now, number, begun.now));
      tx.commit();
      return new Outcome(true, number, next, problem, counts);
    } catch (SQLException e) {
      if (Problems.isRace(e)) {
        return new Outcome(false, 0, Duration.ZERO, null, null);
      }
      throw Problems.outage(e, transactions);
    }
  }

  private static @Nullable Begun begin(Transaction tx) throws SQLException {
    List<Begun> rows =
        Sql.list(
            tx,
            LOCK,
            row -> new Begun(requireNonNull(Sql.time(row, 1)), row.getLong(2), Sql.time(row, 3)),
            "agentlog-insight " + KEY + " " + tx.schema(),
            KEY);
    return rows.isEmpty() ? null : rows.get(0);
  }

  private static Counts counts(Transaction tx, Begun begun) throws SQLException {
    Duration age = begun.last == null ? null : Duration.between(begun.last, begun.now);
    return Sql.list(tx, COUNTS, row -> new Counts(row.getLong(1), row.getLong(2), age)).get(0);
  }

  private @Nullable String clockProblem(Begun begun, long number) {
    Instant last = begun.last;
    return begun.tick <= number + 1 || last == null
        ? null
        : "the clock of %s went back: the last look was at %s, now it is %s there. Looks go on after the time of the last one; set the server's clock"
            .formatted(transactions.place(), last, begun.now);
  }

  @Override
  public void close() {
    transactions.close();
  }
}

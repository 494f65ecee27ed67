package io.agentlog.postgres;

import io.agentlog.postgres.DayMaking.Made;
import io.agentlog.postgres.DayPartitions.Partition;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.LocalDate;

/**
 * Makes the partition of a day to come where the partition of all other keys is large. PostgreSQL
 * reads all of that before it attaches another, while everybody waits, unless a valid check says
 * that it has no row of the day.
 *
 * <pre>
 *  1. a check that no key is of the day, not yet valid    locks the partition for a moment
 *  2. rows of the day moved, the check validated          writers go on, however long
 *  3. the day attached, the check dropped                 locks the partition for a moment
 * </pre>
 *
 * <p>Rows of the day that come meanwhile are refused, and are written again: {@link
 * SqlStates#isOfPartitions}. That may last for a day to come, which has rows of clocks that are
 * ahead alone. It ends {@link Partitioning#MARGIN} before the day begins; one that has begun is
 * made by {@link DayMaking}, without a check that others see.
 *
 * <p>Steps 2 and 3 are one transaction. {@link LeftOverCut} drops a check that a killed program has
 * left. Stateless; takes its time, so that it is no work for a sink's thread.
 */
final class DayBesideRows {
  /** Name of the check. */
  static final String CHECK = "agentlog_partition_day";

  /** Size of the partition of all other keys that is read in some ten milliseconds. */
  static final long SMALL_BYTES_MAX = 16L << 20;

  /** Longest wait of step 2 for a session that cleans the partition up or makes an index of it. */
  private static final int LOCK_MILLIS_MAX = 10_000;

  private DayBesideRows() {}

  /** True if PostgreSQL would take long to read the partition of all other keys. */
  static boolean isNeeded(Connection connection, Partition rest) throws SQLException {
    return MigrationRun.number(
            connection,
            "SELECT 1 WHERE pg_catalog.pg_table_size(pg_catalog.to_regclass(?)) > "
                + SMALL_BYTES_MAX,
            rest.place())
        != null;
  }

  /**
   * Makes the partition; leaves no check behind.
   *
   * @param connection with a server process of its own, not one of a pooler's
   * @throws SQLException if the server refuses it, or takes too long for it
   * @throws SinkUnavailableException if a lock was not free for half a minute
   */
  static Made make(Connection connection, DayPartitions of, LocalDate day)
      throws SQLException, SinkUnavailableException {
    if (!lock(connection, "pg_try_advisory_lock")) { // Beyond this transaction.
      return Made.BUSY;
    }
    try {
      DayPartitions now = of.again(connection);
      connection.commit();
      Partition rest = now == null ? null : now.rest();
      if (now == null || rest == null || now.covers(day)) {
        return Made.DONE;
      }
      return make(connection, now, rest, day);
    } finally {
      connection.rollback();
      lock(connection, "pg_advisory_unlock");
    }
  }

  private static boolean lock(Connection connection, String function) throws SQLException {
    Integer done =
        MigrationRun.number(
            connection,
            "SELECT pg_catalog.%s(%s)::integer".formatted(function, DayPartitions.LOCK_KEY));
    connection.commit();
    return done != null && done == 1;
  }

  private static Made make(Connection connection, DayPartitions of, Partition rest, LocalDate day)
      throws SQLException, SinkUnavailableException {
    Made unmovable = DayMaking.unmovable(connection, of, rest, day);
    if (unmovable != null) {
      return unmovable;
    }
    long endNanos = System.nanoTime() + millisLeft(connection, day) * 1_000_000L;
    connection.commit();
    if (endNanos - System.nanoTime() <= 0) {
      return Made.SOON;
    }
    try {
      check(connection, of, rest, day);
      DayPartitions.beginFresh(connection);
      limitUntil(connection, endNanos);
      String made = DayMaking.create(connection, of, day);
      boolean hasMoved = // Where none may be, one that came before the check is refused.
          !DayMaking.isTied(connection, rest)
              && DayMaking.moveRows(connection, of, rest, made, day) > 0;
      limitUntil(connection, endNanos);
      DayPartitions.execute(
          connection, "ALTER TABLE %s VALIDATE CONSTRAINT %s".formatted(rest.place(), CHECK));
      Savepoint validated = connection.setSavepoint();
      LockAttempts.patiently(
          "a lock on %s is not free, perhaps because of a report, a backup or an open transaction"
              .formatted(rest.place()),
          () -> {
            connection.rollback(validated); // Of an attempt before this.
            DayPartitions.begin(connection);
            long end = DayPartitions.endNanos(connection);
            if (hasMoved) {
              DayMaking.keepReadersOut(connection, of, end);
            }
            DayMaking.attach(connection, of, made, day, end);
            DayPartitions.limitUntil(connection, end);
            DayPartitions.execute(
                connection, "ALTER TABLE %s DROP CONSTRAINT %s".formatted(rest.place(), CHECK));
          });
      connection.commit();
      return Made.DONE;
    } catch (SQLException | SinkUnavailableException | RuntimeException e) {
      dropCheck(connection, rest, e);
      throw e;
    }
  }

  /** Returns the time until the check has to be gone, by the database's clock. */
  static long millisLeft(Connection connection, LocalDate day) throws SQLException {
    Integer seconds =
        MigrationRun.number(
            connection,
            "SELECT pg_catalog.date_part('epoch', '%s 00:00:00+00'::timestamptz - pg_catalog.clock_timestamp())::integer"
                .formatted(day));
    return seconds == null ? 0 : seconds * 1_000L - Partitioning.MARGIN.toMillis();
  }

  private static void limitUntil(Connection connection, long endNanos) throws SQLException {
    long millis = Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
    DayPartitions.execute(
        connection,
        "SET LOCAL statement_timeout = %s; SET LOCAL lock_timeout = %s"
            .formatted(Math.min(millis, Integer.MAX_VALUE), LOCK_MILLIS_MAX));
  }

  private static void check(Connection connection, DayPartitions of, Partition rest, LocalDate day)
      throws SQLException {
    DayPartitions.begin(connection);
    DayPartitions.quieten(connection, rest.place());
    DayPartitions.execute(
        connection,
        "ALTER TABLE %1$s DROP CONSTRAINT IF EXISTS %2$s, ADD CONSTRAINT %2$s CHECK (%3$s < '%4$s'::uuid OR %3$s >= '%5$s'::uuid) NOT VALID"
            .formatted(
                rest.place(),
                CHECK,
                of.table().key(),
                DayTable.floor(day),
                DayTable.floor(day.plusDays(1))));
    connection.commit();
  }

  private static void dropCheck(Connection connection, Partition rest, Exception cause) {
    try {
      connection.rollback();
      LockAttempts.patiently(
          "the check of %s is left".formatted(rest.place()),
          () -> {
            connection.rollback(); // Of the attempt before.
            LeftOverCut.drop(connection, rest.place(), CHECK);
          });
    } catch (SQLException | SinkUnavailableException e) { // The agent of any JVM drops it, too.
      cause.addSuppressed(e);
    }
  }
}

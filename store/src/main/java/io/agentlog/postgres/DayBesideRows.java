package io.agentlog.postgres;

import io.agentlog.postgres.DayMaking.Made;
import io.agentlog.postgres.DayPartitions.Partition;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.LocalDate;

/**
 * Makes the partition of a day where the partition of all other keys is large. PostgreSQL reads all
 * of that before it attaches another, while everybody waits, unless a valid check says that it has
 * no row of the day.
 *
 * <pre>
 *  1. a check that no key is of the day, not yet valid    locks the partition for a moment
 *  2. rows of the day moved, the check validated          writers go on, however long
 *  3. the day attached, the check dropped                 locks the partition for a moment
 * </pre>
 *
 * <p>Rows of the day that come meanwhile are refused, and are written again: {@link
 * SqlStates#isOfPartitions}. That may last for a day to come, which has rows of clocks that are
 * ahead alone. For a day that has begun it may last {@link #BEGUN_MILLIS_MAX}; one that takes
 * longer stays without a partition.
 *
 * <p>Steps 2 and 3 are one transaction. {@link LeftOverCut} drops a check that a killed program has
 * left. Stateless; takes its time, so that it is no work for a sink's thread.
 */
final class DayBesideRows {
  /** Name of the check. */
  static final String CHECK = "agentlog_partition_day";

  /** Size of the partition of all other keys that is read in some ten milliseconds. */
  static final long SMALL_BYTES_MAX = 16L << 20;

  /** Longest time for which rows of a day that has begun wait. */
  static final int BEGUN_MILLIS_MAX = 1_500;

  private DayBesideRows() {}

  /** True if PostgreSQL would take long to read the partition of all other keys. */
  static boolean isNeeded(Connection connection, Partition rest) throws SQLException {
    return MigrationRun.number(
            connection,
            "SELECT 1 WHERE pg_catalog.pg_relation_size(pg_catalog.to_regclass(?)) > "
                + SMALL_BYTES_MAX,
            rest.place())
        != null;
  }

  /**
   * Makes the partition; leaves no check behind.
   *
   * @param connection with a server process of its own, not one of a pooler's
   * @throws SQLException if the server refuses it
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
    boolean hasBegun = !day.isAfter(DayMaking.today(connection));
    if (DayMaking.count(connection, of, rest, day) > DayMaking.MOVED_ROWS_MAX) {
      return Made.LEFT;
    }
    connection.commit();
    try {
      check(connection, of, rest, day);
      DayPartitions.beginFresh(connection);
      DayPartitions.execute(
          connection,
          "SET LOCAL statement_timeout = %s; SET LOCAL lock_timeout = 0"
              .formatted(hasBegun ? BEGUN_MILLIS_MAX : 0));
      String made = DayMaking.create(connection, of, day);
      DayMaking.moveRows(connection, of, rest, made, day);
      DayPartitions.execute(
          connection, "ALTER TABLE %s VALIDATE CONSTRAINT %s".formatted(rest.place(), CHECK));
      Savepoint validated = connection.setSavepoint();
      LockAttempts.patiently(
          "a lock on %s is not free, perhaps because of a report, a backup or an open transaction"
              .formatted(rest.place()),
          () -> {
            connection.rollback(validated); // Of an attempt before this.
            DayPartitions.begin(connection);
            DayMaking.attach(connection, of, made, day);
            DayPartitions.execute(
                connection, "ALTER TABLE %s DROP CONSTRAINT %s".formatted(rest.place(), CHECK));
          });
      connection.commit();
      return Made.DONE;
    } catch (SQLException e) {
      dropCheck(connection, rest, e);
      if (hasBegun && SqlStates.isCancelled(e)) {
        return Made.LEFT;
      }
      throw e;
    } catch (SinkUnavailableException | RuntimeException e) {
      dropCheck(connection, rest, e);
      throw e;
    }
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

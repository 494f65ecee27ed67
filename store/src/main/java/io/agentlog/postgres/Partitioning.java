package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Cuts the tables into days from a day to come on, for a command. What the tables hold until then
 * is their first partition, and no row is rewritten. Used once, by one thread.
 */
public final class Partitioning {
  /** Least time from the command to the day: rows of the day are refused until the switch ends. */
  static final Duration AHEAD_MIN = Duration.ofMinutes(30);

  /** Least time from the end of the switch to the day. */
  static final Duration MARGIN = Duration.ofMinutes(10);

  /** A day that is further away is a slip of the pen, and the first partition would hold it all. */
  static final int AHEAD_DAYS_MAX = 366;

  /** Time after which the server notices that a program is gone whose statement it runs. */
  private static final Duration CLIENT_CHECK_INTERVAL = Duration.ofSeconds(10);

  private static final int TIMEOUT_MILLIS = 12 * 60 * 60 * 1000;

  private final PostgresTarget target;
  private final Duration ahead;
  private final Consumer<String> out;

  /**
   * Does no I/O.
   *
   * @param out takes a line about each table
   */
  public Partitioning(Config config, Consumer<String> out) {
    this(PostgresTarget.of(config), config.get(Options.POSTGRES_PARTITIONS_AHEAD), out);
  }

  /** As the other constructor, for days that lie {@code ahead} at most. */
  Partitioning(PostgresTarget target, Duration ahead, Consumer<String> out) {
    this.target = target;
    this.ahead = ahead;
    this.out = out;
  }

  /**
   * Connects, and switches the tables that are there and no partitioned tables yet.
   *
   * @param from first day with a partition of its own, in UTC; null for tomorrow
   * @throws SinkUnavailableException if a table is not switched; the message says why and what to
   *     do. Tables before it stay switched
   */
  public void run(@Nullable LocalDate from) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw problem(target.notUsable());
    }
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      String home = homeWithoutPooler(connection);
      connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
      connection.setAutoCommit(false);
      noticeLostClient(connection);
      LocalDate today = DayMaking.today(connection);
      run(connection, home, from == null ? today.plusDays(1) : from, now(connection));
      makeDays(connection);
    } catch (SQLException e) {
      throw SqlStates.isOfStatement(e) && !SqlStates.isMissingRight(e)
          ? problem(
              "the tables at %s can't be partitioned (%s)"
                  .formatted(target, SqlStates.shortText(e)))
          : SqlStates.outage(e, target, true);
    }
  }

  /**
   * Makes the partitions that are missing until {@code postgres.partitions-ahead}; nothing where no
   * table is partitioned by day.
   *
   * @throws SinkUnavailableException if one can't be made; the others are made
   */
  void makeDays(Connection connection) throws SQLException, SinkUnavailableException {
    makeDays(connection, new HashSet<>());
  }

  /**
   * As the other method; a day that can't be made stops no other.
   *
   * @param left names of partitions that are not made, to which those are added whose rows stay
   *     where they are; safe for use by other threads if others read it
   */
  void makeDays(Connection connection, Set<String> left)
      throws SQLException, SinkUnavailableException {
    noticeLostClient(connection);
    dropLeftOver(connection);
    LocalDate today = DayMaking.today(connection);
    List<DayPartitions> tables = DayPartitions.read(connection);
    connection.commit();
    Set<String> problems = new LinkedHashSet<>();
    for (DayPartitions of : tables) {
      try {
        makeDays(connection, of, today, left, problems);
      } catch (SinkUnavailableException e) { // The other days of the table would wait as long.
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    if (!problems.isEmpty()) {
      throw problem(String.join("; ", problems));
    }
  }

  private void makeDays(
      Connection connection,
      DayPartitions of,
      LocalDate today,
      Set<String> left,
      Set<String> problems)
      throws SQLException, SinkUnavailableException {
    for (int days = 0; days <= ComingDays.days(ahead) && !ahead.isZero(); days++) {
      LocalDate day = today.plusDays(days);
      if (of.covers(day) || left.contains(of.table().partition(day))) {
        continue;
      }
      try {
        make(connection, of, day, left);
      } catch (SQLException e) {
        if (!SqlStates.isOfStatement(e)) {
          throw e;
        }
        connection.rollback();
        problems.add(UpkeepMessages.notPartitioned(e, target));
      }
    }
  }

  /**
   * Lets the server end a statement that takes long, and give its locks back, if this program is
   * killed. Refused by PostgreSQL before 14, and on systems where it can't notice that.
   */
  private static void noticeLostClient(Connection connection) throws SQLException {
    connection.commit();
    try {
      DayPartitions.execute(
          connection, "SET client_connection_check_interval = " + CLIENT_CHECK_INTERVAL.toMillis());
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
    }
  }

  /** Returns the schema of the tables, without quotes. */
  private String homeWithoutPooler(Connection connection)
      throws SQLException, SinkUnavailableException {
    Home home = Home.find(connection);
    if (home.serverProcess() != connection.unwrap(PGConnection.class).getBackendPID()) {
      throw problem(
          "a pooler is in front of %s, and its session can't partition tables: name the server itself"
              .formatted(target));
    }
    return String.valueOf(home.schema());
  }

  /** Drops what a killed command has left; one that is at work is waited for as for a lock. */
  private void dropLeftOver(Connection connection) throws SQLException, SinkUnavailableException {
    String home = String.valueOf(Home.find(connection).schema());
    for (int attempt = 1; !LeftOverCut.drop(connection, home, target); attempt++) {
      if (attempt == LockAttempts.MAX) {
        throw problem(
            "another session makes or drops partitions at %s: run migrate again later"
                .formatted(target));
      }
      LockAttempts.pause();
    }
  }

  private void make(Connection connection, DayPartitions of, LocalDate day, Set<String> left)
      throws SQLException, SinkUnavailableException {
    if (!of.isMine()) {
      throw problem(UpkeepMessages.noRightToPartition(of, day, target));
    }
    for (int attempt = 1; ; attempt++) {
      DayMaking.Made made = attempt(connection, of, day);
      switch (made) {
        case DONE -> {
          return;
        }
        case LEFT, SLOW, TIED -> {
          left.add(of.table().partition(day));
          out.accept(UpkeepMessages.leftToDefault(made, of.table(), day, target));
          return;
        }
        case SOON -> {
          out.accept(
              "the partition of %s for %s at %s is made when the day has begun"
                  .formatted(of.table(), day, target));
          return;
        }
        case BUSY, LARGE -> {
          if (attempt == LockAttempts.MAX) {
            throw problem(
                "another session makes or drops partitions at %s, or holds a lock on %s: run migrate again later"
                    .formatted(target, of.table()));
          }
          LockAttempts.pause();
        }
      }
    }
  }

  /** A lock that is not free is as good as another session at work: both pass. */
  private DayMaking.Made attempt(Connection connection, DayPartitions of, LocalDate day)
      throws SQLException, SinkUnavailableException {
    try {
      DayMaking.Made made = DayMaking.make(connection, of, day);
      if (made != DayMaking.Made.LARGE) {
        return made;
      }
      homeWithoutPooler(connection);
      connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
      return DayBesideRows.make(connection, of, day);
    } catch (SQLException e) {
      if (!SqlStates.isPassing(e)) {
        throw e;
      }
      connection.rollback();
      return DayMaking.Made.BUSY;
    }
  }

  /** As the public method, at a moment. */
  void run(Connection connection, String home, LocalDate from, Instant now)
      throws SQLException, SinkUnavailableException {
    TablesToSwitch choice = new TablesToSwitch(connection, home, target, from);
    if (choice.isDone()) {
      out.accept(
          "the tables at %s are partitioned by day already: nothing to switch".formatted(target));
      return;
    }
    Instant begin = from.atStartOfDay().toInstant(ZoneOffset.UTC);
    if (begin.isBefore(now.plus(AHEAD_MIN))
        || begin.isAfter(now.plus(Duration.ofDays(AHEAD_DAYS_MAX)))) {
      throw problem(
          "%s does not begin %s minutes to %s days from now, in UTC: give a day from %s to %s"
              .formatted(
                  from,
                  AHEAD_MIN.toMinutes(),
                  AHEAD_DAYS_MAX,
                  LocalDate.ofInstant(now.plus(AHEAD_MIN), ZoneOffset.UTC).plusDays(1),
                  LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(AHEAD_DAYS_MAX)));
    }
    DayPartitions.execute(connection, "SET LOCAL search_path = pg_catalog, pg_temp");
    List<DayTable> tables = choice.tables();
    connection.commit();
    Integer alone =
        MigrationRun.number(
            connection,
            "SELECT pg_catalog.pg_try_advisory_lock("
                + DayPartitions.LOCK_KEY
                + ")::integer"); // Until the session ends.
    connection.commit();
    if (alone == null || alone != 1) {
      throw problem(
          "another session makes or drops partitions at %s: run migrate again later"
              .formatted(target));
    }
    try {
      cut(connection, home, tables, from, Duration.between(now, begin.minus(MARGIN)));
    } finally {
      unlock(connection);
    }
  }

  private static void unlock(Connection connection) {
    try {
      connection.rollback(); // Of a switch that failed; others are committed.
      MigrationRun.number(
          connection,
          "SELECT pg_catalog.pg_advisory_unlock(" + DayPartitions.LOCK_KEY + ")::integer");
      connection.commit();
    } catch (SQLException e) {
      // The session has ended, and the lock with it. What ended the switch says more.
    }
  }

  private void cut(
      Connection connection, String home, List<DayTable> tables, LocalDate from, Duration limit)
      throws SQLException, SinkUnavailableException {
    FloorFunction.make(connection, home, tables.get(0));
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    for (DayTable table : tables) {
      new TableSwitch(connection, home, table, from, deadlineNanos).run();
      out.accept(
          "%s is partitioned by day from %s on; its rows until then are in %s"
              .formatted(table, from, table.before()));
    }
  }

  private static Instant now(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT (1000::double precision * pg_catalog.date_part('epoch', pg_catalog.now()))::bigint");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return Instant.ofEpochMilli(row.getLong(1));
    }
  }

  private static SinkUnavailableException problem(String text) {
    return new SinkUnavailableException(text, null);
  }
}

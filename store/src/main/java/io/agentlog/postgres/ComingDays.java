package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the partitions of coming days, where agentlog keeps the days of a table. Any number of JVMs
 * may: one makes them and the others find them. A call makes one partition, so that events go on. A
 * day that is not made in time costs no row: its rows are in the partition of all other keys.
 *
 * <p>A refused statement is no outage: it is reported once, its day is put aside until it is tried
 * again, and the others are made. Only an unreachable server is thrown. Not thread-safe: belongs to
 * the sink's thread. What takes its time is made on a thread of {@link DayBuild}.
 */
final class ComingDays implements AutoCloseable {
  /** Time between two looks, plus or minus a quarter. */
  static final long RUN_NANOS = 3_600_000_000_000L;

  /**
   * Time between two looks for a check that a killed command has left, plus or minus a quarter. The
   * days that the check names begin {@link Partitioning#MARGIN} later at the earliest.
   */
  static final long LOOK_NANOS = 240_000_000_000L;

  /** Wait after a lock that was not free. */
  static final long RETRY_NANOS = 60_000_000_000L;

  /** Wait after a refusal, whose cause somebody has to fix. */
  static final long REFUSED_RETRY_NANOS = 600_000_000_000L;

  /** Attempts at a lock, a minute apart, of which the last says that none was free. */
  static final int ATTEMPTS_MAX = 30;

  private final Duration ahead;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final DayBuild build;

  /** Names of partitions that are not made, of which {@link #build} adds some. */
  private final Set<String> left = ConcurrentHashMap.newKeySet();

  /** When partitions that could not be made are tried again, by their names. */
  private final Map<String, Long> asideUntilNanos = new HashMap<>();

  /** Messages that are not repeated until all partitions are there. */
  private final Set<String> told = new HashSet<>();

  private long dueAtNanos;
  private long daysDueAtNanos;
  private int attempts;
  private boolean isUnderWay;

  /**
   * Does no I/O.
   *
   * @param ahead days of which partitions are made, today not counted; the rest of a day counts as
   *     one
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0, so that JVMs that started together don't look together
   */
  ComingDays(Duration ahead, PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this.ahead = ahead;
    this.target = target;
    this.nanoTime = nanoTime;
    this.random = random;
    this.build = new DayBuild(target, ahead, left);
    dueAtNanos = nanoTime.getAsLong() + (long) (RETRY_NANOS * random.getAsDouble());
    daysDueAtNanos = dueAtNanos;
  }

  /** True after a partition was made, of which there may be more to make at once. */
  boolean isUnderWay() {
    return isUnderWay;
  }

  /** True if it is time to call {@link #make}. */
  boolean isDue() {
    return !ahead.isZero() && nanoTime.getAsLong() - dueAtNanos >= 0;
  }

  /**
   * Makes the first partition that is missing; due again at once if there was one.
   *
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  void make(Connection connection) throws SQLException {
    isUnderWay = false;
    if (build.isRunning()) {
      dueAtNanos = nanoTime.getAsLong() + jittered(RETRY_NANOS);
      return;
    }
    try {
      String home = Home.find(connection).schema();
      if (home != null) {
        LeftOverCut.drop(connection, home, target);
      }
      dueAtNanos = nanoTime.getAsLong() + jittered(LOOK_NANOS);
      if (nanoTime.getAsLong() - daysDueAtNanos >= 0) {
        makeMissing(connection);
      }
      connection.commit();
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        dueAtNanos = nanoTime.getAsLong() + jittered(RETRY_NANOS);
        throw e;
      }
      connection.rollback();
      refused(e);
    }
  }

  private void makeMissing(Connection connection) throws SQLException {
    String problem = build.takeProblem();
    if (problem != null) {
      daysDueAtNanos = nanoTime.getAsLong() + jittered(REFUSED_RETRY_NANOS);
      refuse(problem);
      return;
    }
    Missing missing = missing(connection);
    connection.commit();
    if (missing == null) {
      daysDueAtNanos = nextDue();
      attempts = 0;
      if (asideUntilNanos.isEmpty()) {
        told.clear();
      }
    } else if (missing.of.isMine()) {
      makeOrPutAside(connection, missing);
    } else {
      daysDueAtNanos = nextDue();
      if (missing.isUrgent) {
        refuse("right", UpkeepMessages.noRightToPartition(missing.of, missing.day, target));
      }
    }
  }

  private record Missing(DayPartitions of, LocalDate day, boolean isUrgent) {}

  /**
   * Days of today come first, then tomorrow's, of each table; those of tables that another user
   * owns come last.
   */
  private @Nullable Missing missing(Connection connection) throws SQLException {
    List<DayPartitions> tables = DayPartitions.read(connection);
    if (tables.isEmpty()) {
      return null;
    }
    LocalDate today = DayMaking.today(connection);
    long now = nanoTime.getAsLong();
    asideUntilNanos.values().removeIf(until -> now - until >= 0);
    Missing ofOthers = null;
    for (int days = 0; days <= days(ahead); days++) {
      LocalDate day = today.plusDays(days);
      for (DayPartitions of : tables) {
        String name = of.table().partition(day);
        if (of.covers(day) || left.contains(name) || asideUntilNanos.containsKey(name)) {
          continue;
        }
        Missing missing = new Missing(of, day, days <= 1);
        if (of.isMine()) {
          return missing;
        }
        ofOthers = ofOthers == null ? missing : ofOthers;
      }
    }
    return ofOthers;
  }

  /** Returns when a partition is tried again, or looked for. */
  private long nextDue() {
    long now = nanoTime.getAsLong();
    long wait = jittered(RUN_NANOS);
    for (long until : asideUntilNanos.values()) {
      wait = Math.min(wait, until - now);
    }
    return now + wait;
  }

  /** Returns the number of days after today. */
  static int days(Duration ahead) {
    return (int) ahead.plusDays(1).minusNanos(1).toDays();
  }

  private void makeOrPutAside(Connection connection, Missing missing) throws SQLException {
    try {
      make(connection, missing);
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e) || SqlStates.isPassing(e)) {
        throw e;
      }
      connection.rollback();
      putAside(missing);
      refuse(UpkeepMessages.notPartitioned(e, target));
    }
  }

  private void putAside(Missing missing) {
    asideUntilNanos.put(
        missing.of.table().partition(missing.day),
        nanoTime.getAsLong() + jittered(REFUSED_RETRY_NANOS));
    dueAtNanos = nanoTime.getAsLong();
    isUnderWay = true;
  }

  private void make(Connection connection, Missing missing) throws SQLException {
    DayMaking.Made made = DayMaking.make(connection, missing.of, missing.day);
    switch (made) {
      case DONE -> {
        AgentLog.debug("postgres", "made partition " + missing.of.table().partition(missing.day));
        dueAtNanos = nanoTime.getAsLong();
        attempts = 0;
        isUnderWay = true;
      }
      case BUSY -> dueAtNanos = nanoTime.getAsLong() + jittered(RETRY_NANOS);
      case LARGE -> {
        build.start();
        dueAtNanos = nanoTime.getAsLong() + jittered(RETRY_NANOS);
      }
      case SOON -> putAside(missing);
      case LEFT, SLOW, TIED -> {
        left.add(missing.of.table().partition(missing.day));
        dueAtNanos = nanoTime.getAsLong();
        isUnderWay = true;
        AgentLog.warn(
            "postgres",
            UpkeepMessages.leftToDefault(made, missing.of.table(), missing.day, target));
      }
    }
  }

  @Override
  public void close() {
    build.close();
  }

  private void refused(SQLException e) {
    if (SqlStates.isPassing(e) && ++attempts < ATTEMPTS_MAX) {
      dueAtNanos = nanoTime.getAsLong() + jittered(RETRY_NANOS);
      AgentLog.debug("postgres", "partitions are made later: " + SqlStates.shortText(e));
      return;
    }
    daysDueAtNanos = nanoTime.getAsLong() + jittered(REFUSED_RETRY_NANOS);
    dueAtNanos = nanoTime.getAsLong() + jittered(LOOK_NANOS);
    refuse(UpkeepMessages.notPartitioned(e, target));
  }

  private void refuse(String message) {
    refuse(message, message);
  }

  private void refuse(String about, String message) {
    if (told.add(about)) {
      AgentLog.warn("postgres", message);
    }
  }

  /** Returns three to five quarters of {@code nanos}. */
  private long jittered(long nanos) {
    return (long) (nanos * (0.75 + random.getAsDouble() / 2));
  }
}

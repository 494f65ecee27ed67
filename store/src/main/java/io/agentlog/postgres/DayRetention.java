package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import io.agentlog.postgres.DayPartitions.Partition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Drops partitions of days that {@code retention} has no more use for, which costs the server as
 * little for a million rows as for one. A day is dropped when all of it is older than the age and
 * it has no row that {@link Retention} would keep: an execution that is in progress, or that ended
 * or arrived later; or a row that belongs to such an execution. Other days, the partitions that are
 * no days, and tables with a trigger for {@code DELETE} are left to {@link Retention}, row by row.
 *
 * <pre>
 *  BEGUN --a day is looked at, and dropped or not--> BEGUN --none is left--> DONE --begin()--> BEGUN
 *  BEGUN --no lock--> BEGUN, a minute later          BEGUN --no lock, ten times--> DONE
 * </pre>
 *
 * <p>The table's lock, for which all of its writers wait, is held while its row of the catalog and
 * the day's file go, and asked for {@link DayPartitions#LOCK_TIMEOUT_MILLIS}. Only an unreachable
 * server is thrown. Not thread-safe: belongs to the sink's thread.
 */
final class DayRetention {
  /** Attempts at a lock in a run, after which old rows are removed one by one all the same. */
  static final int ATTEMPTS_MAX = 10;

  private static final long RETRY_NANOS = 60_000_000_000L;
  private static final long LINE_NANOS = 3_600_000_000_000L;
  private static final Duration DAY = Duration.ofDays(1);

  private static final String BOUNDARY =
      """
      SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now() - pg_catalog.make_interval(secs => ?)), 'YYYY-MM-DD')\
      """;

  private static final String IS_THERE =
      """
      SELECT 1 FROM pg_catalog.pg_inherits i
      WHERE i.inhrelid = pg_catalog.to_regclass(?)::oid AND i.inhparent = pg_catalog.to_regclass(?)::oid\
      """;

  /** A trigger of the user's that sees rows deleted, each or together. */
  private static final String SEES_DELETIONS =
      """
      SELECT 1 FROM pg_catalog.pg_trigger t
      WHERE t.tgrelid = pg_catalog.to_regclass(?)::oid AND NOT t.tgisinternal AND t.tgtype::integer & 8 <> 0\
      """;

  /** Executions that may begin long after a decision for them, or have keys of no time. */
  private static final String RUNNING = "e.status::text = 'in_progress'";

  /** A row of another program's, which {@link Retention} keeps, too: it may still be at work. */
  private static final String OF_NO_STATUS = "status IS NULL AND started_at IS NOT NULL";

  /** Longest time from a decision to the execution that it leads to, so that both are kept. */
  private static final long LATER_MILLIS = 60_000;

  private static final String YOUNGER =
      """
      GREATEST(completed_at::timestamptz, started_at::timestamptz, created_at::timestamptz) >= pg_catalog.now() - pg_catalog.make_interval(secs => %s)\
      """;

  private final Duration age;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Deque<Day> days = new ArrayDeque<>();
  private boolean isBegun;
  private boolean isDone;
  private boolean drops;
  private LocalDate newest = LocalDate.EPOCH;
  private DayBounds bounds = DayBounds.NONE;
  private int attempts;
  private long dueAtNanos;
  private boolean isRefused;
  private boolean isSlow;

  /** Tables of which a trigger sees the old rows go, and which the log has named. */
  private final Set<DayTable> told = new HashSet<>();

  private int droppedCount;
  private long lineAtNanos;

  private record Day(DayPartitions of, Partition partition, LocalDate day) {}

  /**
   * Does no I/O.
   *
   * @param age since their end at which executions are removed
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0
   */
  DayRetention(Duration age, PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this.age = age;
    this.target = target;
    this.nanoTime = nanoTime;
    this.random = random;
    dueAtNanos = nanoTime.getAsLong();
    lineAtNanos = dueAtNanos;
  }

  /** False while it waits before it asks for a lock again. */
  boolean isDue() {
    return isDone || nanoTime.getAsLong() - dueAtNanos >= 0;
  }

  /** Begins a run with the next {@link #step}. */
  void begin() {
    isDone = false;
    isBegun = false;
  }

  /**
   * Returns what is added to the age of rows that are removed one by one: a day where days of
   * executions are dropped, so that they have rows until then; nothing elsewhere, or while the last
   * of the old days can't be dropped.
   */
  Duration grace() {
    return drops ? DAY : Duration.ZERO;
  }

  /** Returns conditions for rows that are removed one by one, by the partitions of this run. */
  DayBounds bounds() {
    return bounds;
  }

  /**
   * Looks at one day, and drops it if it can go.
   *
   * @return false if no day is left in this run, so that rows may be removed
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  boolean step(Connection connection) throws SQLException {
    if (isDone) {
      return false;
    }
    try {
      if (!isBegun) {
        read(connection);
      }
      Day next = days.peek();
      if (next == null) {
        ended();
        return false;
      }
      drop(connection, next);
      days.poll();
      return true;
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        begin();
        dueAtNanos = nanoTime.getAsLong() + RETRY_NANOS; // Events go first.
        throw e;
      }
      connection.rollback();
      refused(e);
      return true;
    }
  }

  private void read(Connection connection) throws SQLException {
    days.clear();
    List<DayPartitions> tables = DayPartitions.read(connection);
    List<DayPartitions> dropped = new ArrayList<>();
    for (DayPartitions of : tables) {
      if (of.isMine() && !isSeen(connection, of)) {
        dropped.add(of);
      }
    }
    drops = dropped.stream().anyMatch(of -> of.table().owner() == DayTable.Owner.SELF);
    LocalDate boundary = tables.isEmpty() ? LocalDate.EPOCH : boundary(connection);
    connection.commit();
    newest = boundary.minusDays(1);
    bounds = DayBounds.of(tables, boundary);
    List<Day> found = new ArrayList<>();
    for (DayPartitions of : dropped) { // The executions first, for which others are kept.
      for (Partition partition : of.partitions()) {
        LocalDate day = partition.day();
        if (day != null && day.isBefore(boundary)) {
          found.add(new Day(of, partition, day));
        }
      }
    }
    found.sort(Comparator.comparingInt(day -> DayTable.ALL.indexOf(day.of.table())));
    days.addAll(found);
    isBegun = true;
  }

  /** True if a trigger has to see the old rows go: it may keep them elsewhere. */
  private boolean isSeen(Connection connection, DayPartitions of) throws SQLException {
    if (MigrationRun.number(connection, SEES_DELETIONS, of.place()) == null) {
      return false;
    }
    if (told.add(of.table())) {
      AgentLog.warn("postgres", UpkeepMessages.seenDays(of.table(), target));
    }
    return true;
  }

  /** Returns the day of now, less the age, by the database's clock: it is old in part alone. */
  private LocalDate boundary(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BOUNDARY)) {
      statement.setDouble(1, seconds());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return LocalDate.parse(row.getString(1));
      }
    }
  }

  private void drop(Connection connection, Day day) throws SQLException {
    DayPartitions.beginFresh(connection); // The look below the lock is at rows of now.
    if (DayPartitions.isAlone(connection)
        && isThere(connection, day)
        && !isKept(connection, day, null)) {
      DayPartitions.quieten(connection, day.partition.place());
      long end = DayPartitions.endNanos(connection);
      DayPartitions.limitUntil(connection, end);
      DayPartitions.execute(
          connection, "LOCK TABLE ONLY " + day.of.place() + " IN ACCESS EXCLUSIVE MODE");
      if (!isKept(connection, day, end)) { // A row may have come before the lock.
        DayPartitions.limitUntil(connection, end);
        DayPartitions.execute(connection, "DROP TABLE " + day.partition.place());
        if (day.of.table().owner() == DayTable.Owner.SELF) {
          droppedCount++;
        }
      }
    }
    connection.commit();
    attempts = 0;
  }

  private static boolean isThere(Connection connection, Day day) throws SQLException {
    return MigrationRun.number(connection, IS_THERE, day.partition.place(), day.of.place()) != null;
  }

  /**
   * True if the day has a row that the age does not remove. Takes indexes alone.
   *
   * @param end as {@link DayPartitions#endNanos} returns it; null where nobody waits
   */
  private boolean isKept(Connection connection, Day day, @Nullable Long end) throws SQLException {
    String executions = SqlStates.quoted(day.of.schema()) + "." + Tables.EXECUTIONS.table();
    String place = day.partition.place();
    String column = day.of.table().owner().column();
    return switch (day.of.table().owner()) {
      case SELF ->
          exists(
                  connection,
                  "SELECT 1 FROM %s WHERE status::text = 'in_progress' LIMIT 1".formatted(place),
                  end)
              || exists(
                  connection,
                  "SELECT 1 FROM %s WHERE %s LIMIT 1".formatted(place, OF_NO_STATUS),
                  end)
              || exists(
                  connection,
                  "SELECT 1 FROM %s WHERE %s%s LIMIT 1"
                      .formatted(
                          place,
                          DayMaking.hasTimes(connection, place)
                              ? DayMaking.late(day.day) + " AND "
                              : "",
                          YOUNGER.formatted(seconds())),
                  end);
      case SAME_KEY ->
          exists(
              connection,
              "SELECT 1 FROM %s WHERE execution_id >= '%s'::uuid AND execution_id < '%s'::uuid LIMIT 1"
                  .formatted(
                      executions,
                      DayTable.floor(day.day),
                      Objects.requireNonNull(day.partition.to())),
              end);
      case EXECUTION, CORRELATION ->
          isNamed(connection, executions, endOf(day), place, column, end)
              || isNamed(connection, executions, RUNNING, place, column, end);
    };
  }

  private static boolean isNamed(
      Connection connection,
      String executions,
      String which,
      String place,
      String column,
      @Nullable Long end)
      throws SQLException {
    return exists(
        connection,
        "SELECT 1 FROM %1$s e WHERE %2$s AND EXISTS (SELECT FROM %3$s c WHERE c.%4$s = e.%4$s) LIMIT 1"
            .formatted(executions, which, place, column),
        end);
  }

  /** Executions that began until shortly after the day: a decision comes before its execution. */
  private static String endOf(Day day) {
    UUID to = UUID.fromString(Objects.requireNonNull(day.partition.to()));
    UUID later = new UUID(to.getMostSignificantBits() + (LATER_MILLIS << 16), 0);
    return "e.execution_id < '%s'::uuid".formatted(later);
  }

  private static boolean exists(Connection connection, String sql, @Nullable Long end)
      throws SQLException {
    if (end != null) {
      DayPartitions.limitUntil(connection, end);
    }
    return MigrationRun.number(connection, sql) != null;
  }

  private void refused(SQLException e) {
    long now = nanoTime.getAsLong();
    if (SqlStates.isLocked(e) && ++attempts < ATTEMPTS_MAX) {
      dueAtNanos = now + (long) (RETRY_NANOS * (0.75 + random.getAsDouble() / 2));
      return;
    }
    if (SqlStates.isPassing(e)) {
      Day day = days.poll(); // Looked at again in the next run.
      if (attempts >= ATTEMPTS_MAX) {
        days.clear();
        AgentLog.warn("postgres", UpkeepMessages.noLockForDays(target));
      } else if (SqlStates.isCancelled(e) && day != null && !isSlow) {
        isSlow = true;
        AgentLog.warn("postgres", UpkeepMessages.slowDay(day.partition, target));
      }
      return;
    }
    Day day = days.poll(); // A view on one day, say, keeps that day alone.
    if (day != null
        && day.of.table().owner() == DayTable.Owner.SELF
        && day.day.equals(newest)) { // As for a right that is missing: the next will stay, too.
      drops = false;
    }
    if (!isRefused) {
      isRefused = true;
      AgentLog.warn("postgres", UpkeepMessages.noDayDropped(e, target));
    }
  }

  private void ended() {
    isDone = true;
    attempts = 0;
    long now = nanoTime.getAsLong();
    if (droppedCount > 0 && now - lineAtNanos >= 0) {
      AgentLog.info(
          "postgres",
          "dropped %s days of executions at %s that ended longer ago than agentlog.retention"
              .formatted(droppedCount, target));
      droppedCount = 0;
      lineAtNanos = now + LINE_NANOS;
    }
  }

  private double seconds() {
    return age.toMillis() / 1e3;
  }
}

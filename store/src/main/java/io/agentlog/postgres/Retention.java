package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Removes executions that ended longer ago than {@code retention}, by the database's clock, with
 * their progress, their decisions and their details. They also came to the database longer ago: a
 * JVM whose clock is far behind would otherwise lose what it records. An execution in progress
 * stays, whatever its age, unless its row has no {@code started_at}.
 *
 * <p>A statement removes at most {@link #ROWS_MAX} executions, and as few as {@link StatementLimit}
 * demands, so that locks are short and events go on. Nothing is removed for three times as long as
 * it took. It skips rows that another JVM is removing or writing, so any number of JVMs may prune
 * the same tables.
 *
 * <p>A refused statement is no outage: it is reported once and tried again later. Only an
 * unreachable server is thrown. Not thread-safe: belongs to the sink's thread.
 */
final class Retention {
  static final int ROWS_MAX = 1_000;

  /** Time from the end of a run to the next, plus or minus a quarter. */
  static final long RUN_NANOS = 300_000_000_000L;

  /** Wait after a refusal, whose cause somebody has to fix. */
  static final long REFUSED_RETRY_NANOS = 600_000_000_000L;

  /** Length of the rest after a statement, as a multiple of the statement's time. */
  private static final int REST_FACTOR = 3;

  private static final long LINE_NANOS = 3_600_000_000_000L;

  /** Before every row. Each statement of a run begins where the last one ended. */
  private static final String FROM_THE_START = "-infinity";

  private static final String ENDED =
      """
      started_at >= ?::timestamptz AND started_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)
          AND GREATEST(completed_at::timestamptz, started_at::timestamptz, created_at::timestamptz) < pg_catalog.now() - pg_catalog.make_interval(secs => ?) AND status::text <> 'in_progress'
        ORDER BY started_at\
      """;

  /** Rows without a start: from a lifted table, or from events that came too late. */
  private static final String STARTLESS =
      """
      started_at IS NULL AND created_at >= ?::timestamptz AND created_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)
          AND COALESCE(completed_at, created_at) < pg_catalog.now() - pg_catalog.make_interval(secs => ?)\
      """;

  private final Duration ageSet;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  private final StatementLimit limit = new StatementLimit(ROWS_MAX);
  private Duration age;
  private Set<String> detailTables = Set.of();
  private DayBounds bounds = DayBounds.NONE;
  private DetailRetention details;
  private List<String> statements = statements(detailTables, bounds);
  private int statement;
  private String from = FROM_THE_START;
  private long dueAtNanos;
  private boolean isRefused;
  private long removedCount;
  private long lineAtNanos;

  /**
   * Does no I/O.
   *
   * @param age since their end at which executions are removed
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0, so that JVMs that started together don't prune together
   */
  Retention(Duration age, PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this.ageSet = age;
    this.age = age;
    this.details = new DetailRetention(age, detailTables, bounds);
    this.target = target;
    this.nanoTime = nanoTime;
    this.random = random;
    long now = nanoTime.getAsLong();
    dueAtNanos = now + (long) (RUN_NANOS / 4 * random.getAsDouble()); // Not with the start's load.
    lineAtNanos = now;
  }

  /** True if it is time to call {@link #prune}. */
  boolean isDue() {
    return nanoTime.getAsLong() - dueAtNanos >= 0;
  }

  /**
   * Removes rows by one statement, in a transaction of its own.
   *
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  void prune(Connection connection) throws SQLException {
    long begin = nanoTime.getAsLong();
    try {
      int rows = limit.rows();
      StatementLimit.begin(connection);
      int count;
      if (statement < statements.size()) {
        count = remove(connection, rows);
        removedCount += count;
      } else {
        count = details.remove(connection, statement - statements.size(), rows);
      }
      connection.commit();
      isRefused = false;
      long now = nanoTime.getAsLong();
      limit.ended(now - begin);
      if (count == rows) {
        rest(begin);
      } else {
        next(now);
      }
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        limit.shrink();
        dueAtNanos = nanoTime.getAsLong() + jittered(RUN_NANOS); // Events go first.
        throw e;
      }
      connection.rollback();
      if (SqlStates.isCancelled(e) && limit.shrink()) {
        rest(begin);
      } else {
        refused(e);
      }
    }
  }

  private void rest(long begin) {
    long now = nanoTime.getAsLong();
    dueAtNanos = now + REST_FACTOR * (now - begin);
  }

  /** Runs the statements for no row, so that the server says whether it takes them. */
  static void tryOn(Connection connection, Set<String> detailTables) throws SQLException {
    for (String sql : statements(detailTables, DayBounds.NONE)) {
      try (PreparedStatement delete = connection.prepareStatement(sql)) {
        set(delete, FROM_THE_START, 1, 0);
        delete.executeQuery().close();
      }
    }
    new DetailRetention(Duration.ofDays(1), detailTables, DayBounds.NONE).tryOn(connection);
  }

  /** Also removes details in the tables of them that the database has. Begins anew on a change. */
  void setDetails(Set<String> tables) {
    if (!tables.equals(detailTables)) {
      detailTables = Set.copyOf(tables);
      prepare();
    }
  }

  /**
   * Lets rows become older by so much than the age that is set, and touches few partitions of days
   * in each statement. Begins anew on another {@code grace}; called before a run.
   */
  void setDays(Duration grace, DayBounds bounds) {
    if (!age.equals(ageSet.plus(grace)) || !this.bounds.equals(bounds)) {
      age = ageSet.plus(grace);
      this.bounds = bounds;
      prepare();
    }
  }

  private void prepare() {
    statements = statements(detailTables, bounds);
    details = new DetailRetention(age, detailTables, bounds);
    begin();
  }

  /** True if the next {@link #prune} is the first of a run. */
  boolean isAtStart() {
    return statement == 0 && from.equals(FROM_THE_START);
  }

  private void begin() {
    from = FROM_THE_START;
    statement = 0;
    details.begin();
  }

  private int count() {
    return statements.size() + details.count();
  }

  private static void set(PreparedStatement delete, String from, double seconds, int rows)
      throws SQLException {
    delete.setString(1, from);
    delete.setDouble(2, seconds);
    delete.setDouble(3, seconds);
    delete.setInt(4, rows);
    delete.setDouble(5, seconds);
  }

  private int remove(Connection connection, int rows) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(statements.get(statement))) {
      set(delete, from, age.toMillis() / 1e3, rows);
      try (ResultSet row = delete.executeQuery()) {
        row.next();
        int count = row.getInt(1);
        String last = row.getString(2);
        if (statement % 2 == 0 && last != null) { // STARTLESS has no order to resume from.
          from = last;
        }
        return count;
      }
    }
  }

  private void next(long now) {
    from = FROM_THE_START;
    statement = (statement + 1) % count();
    if (statement > 0) {
      dueAtNanos = now;
      return;
    }
    details.begin();
    dueAtNanos = now + jittered(RUN_NANOS);
    if (removedCount > 0 && now - lineAtNanos >= 0) {
      AgentLog.info(
          "postgres",
          "removed %s executions at %s that ended longer ago than agentlog.retention"
              .formatted(removedCount, target));
      removedCount = 0;
      lineAtNanos = now + LINE_NANOS;
    }
  }

  private void refused(SQLException e) {
    boolean isPassing = SqlStates.isPassing(e) && !SqlStates.isCancelled(e);
    dueAtNanos = nanoTime.getAsLong() + jittered(isPassing ? RUN_NANOS : REFUSED_RETRY_NANOS);
    if (!isPassing && !isRefused) {
      isRefused = true;
      AgentLog.warn("postgres", UpkeepMessages.notPruned(e, target));
    }
  }

  /** Returns three to five quarters of {@code nanos}. */
  private long jittered(long nanos) {
    return (long) (nanos * (0.75 + random.getAsDouble() / 2));
  }

  /**
   * Returns two statements for each range of executions: for those with a start, and the others.
   */
  private static List<String> statements(Set<String> detailTables, DayBounds bounds) {
    List<String> statements = new ArrayList<>();
    for (int range = 0; range < bounds.rangeCount(); range++) {
      String details = DetailRetention.ofExecutions(detailTables, bounds, range);
      statements.add(removal(ENDED, "started_at", details, bounds, range));
      statements.add(removal(STARTLESS, "created_at", details, bounds, range));
    }
    return statements;
  }

  /**
   * Returns the statement that removes. A decision holds the ID of its request, not of an
   * execution; a decision younger than the age stays for other executions of its request.
   *
   * @param details further parts that remove what belongs to the rows of {@code old}
   */
  private static String removal(
      String condition, String order, String details, DayBounds bounds, int range) {
    String ofRange =
        bounds.ofExecutions(range, "execution_id").replaceFirst(" AND (.*)", "$1 AND ");
    return """
    WITH old AS (
      SELECT execution_id, correlation_id FROM agent_execution_logs
      WHERE %s%s
      LIMIT ? FOR UPDATE SKIP LOCKED
    ), progress AS (
      DELETE FROM agent_execution_progress p USING old WHERE p.execution_id = old.execution_id%s
    ), decisions AS (
      DELETE FROM agent_routing_decisions d USING old
      WHERE d.correlation_id = old.correlation_id AND d.created_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)%s
    ), %sgone AS (
      DELETE FROM agent_execution_logs t USING old WHERE t.execution_id = old.execution_id%s
      RETURNING t.%s AS place
    )
    SELECT pg_catalog.count(*), pg_catalog.max(place)::text FROM gone\
    """
        .formatted(
            ofRange,
            condition,
            bounds.ofExecutions(range, "p.execution_id"),
            bounds.ofMoments(range, "d.id", Tables.DECISIONS.table()),
            details,
            bounds.ofExecutions(range, "t.execution_id"),
            order);
  }
}

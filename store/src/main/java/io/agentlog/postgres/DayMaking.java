package io.agentlog.postgres;

import io.agentlog.postgres.DayPartitions.Partition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the partition of a day. It is made apart and then attached, since that lets writers of
 * other partitions go on. Rows of the day that are in the partition of all other keys, because the
 * day was not made in time, are moved in the same transaction, which ends in time or leaves nothing
 * behind. The day stays where it is if moving its rows would keep writers waiting, or would delete
 * what refers to them.
 */
final class DayMaking {
  /** Most rows that are moved, which takes some hundred milliseconds. */
  static final int MOVED_ROWS_MAX = 10_000;

  private static final String COLUMNS =
      """
      SELECT pg_catalog.quote_ident(a.attname::text) FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = pg_catalog.to_regclass(?)::oid AND a.attnum > 0::int2 AND NOT a.attisdropped AND a.attgenerated = ''::"char"
      ORDER BY a.attnum\
      """;

  private static final String TIES =
      """
      SELECT 1 WHERE EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'::"char" AND k.confrelid = pg_catalog.to_regclass(?)::oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = pg_catalog.to_regclass(?)::oid AND NOT t.tgisinternal AND t.tgtype::integer & 8 <> 0)
        OR EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_publication p ON p.pubdelete
                   WHERE c.oid = pg_catalog.to_regclass(?)::oid AND c.relreplident = 'n'::"char")\
      """;

  /**
   * Rows that arrived or ended when their day was over, and those of which nobody knows whether
   * they ended. The index of them is small, and says at once whether a day has rows that retention
   * must keep.
   */
  private static final String LATE =
      "(completed_at >= '%1$s' OR started_at >= '%1$s' OR created_at >= '%1$s' OR status IS NULL)";

  private static final String TIMES =
      """
      SELECT 1 WHERE 3 = (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = pg_catalog.to_regclass(?)::oid AND a.attname::text IN ('completed_at', 'started_at', 'created_at')
        AND a.atttypid = 'timestamptz'::regtype)\
      """;

  /** Outcome of an attempt. */
  enum Made {
    /** The partition is there, made by this session or by another. */
    DONE,
    /** Another session makes or drops partitions. */
    BUSY,
    /** The day has too many rows in the partition of all other keys. */
    LEFT,
    /** Moving the rows of the day, or reading the others, takes longer than writers may wait. */
    SLOW,
    /**
     * A foreign key names rows of the day, a trigger of the user's sees their deletion, or a
     * publication lets none be deleted, since the table's replica identity is nothing.
     */
    TIED,
    /** The partition of all other keys is large: {@link DayBesideRows} takes the time. */
    LARGE,
    /** The day begins before that could end: it is made when it has begun. */
    SOON
  }

  private DayMaking() {}

  /** Returns today, by the database's clock. */
  static LocalDate today(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD')")) {
      row.next();
      return LocalDate.parse(row.getString(1));
    }
  }

  /** True if the columns of times have a type that {@link #late} compares without a time zone. */
  static boolean hasTimes(Connection connection, String place) throws SQLException {
    return MigrationRun.number(connection, TIMES, place) != null;
  }

  /** Returns the condition of rows of a day that the day alone does not say to be old. */
  static String late(LocalDate day) {
    return LATE.formatted(day.plusDays(1) + " 00:00:00+00");
  }

  /**
   * Makes a partition in a transaction of its own.
   *
   * @throws SQLException if the server refuses it, for example because a lock is not free
   */
  static Made make(Connection connection, DayPartitions of, LocalDate day) throws SQLException {
    DayPartitions.beginFresh(connection);
    if (!DayPartitions.isAlone(connection)) {
      connection.rollback();
      return Made.BUSY;
    }
    DayPartitions now = of.again(connection);
    if (now == null || now.covers(day)) { // Another session was quicker.
      connection.rollback();
      return Made.DONE;
    }
    Partition rest = now.rest();
    if (rest == null) {
      attach(
          connection, now, create(connection, now, day), day, DayPartitions.endNanos(connection));
      connection.commit();
      return Made.DONE;
    }
    return make(connection, now, rest, day);
  }

  private static Made make(Connection connection, DayPartitions of, Partition rest, LocalDate day)
      throws SQLException {
    boolean hasBegun = !day.isAfter(today(connection));
    Made kept = unmovable(connection, of, rest, day);
    if (kept == null && !hasBegun && DayBesideRows.isNeeded(connection, rest)) {
      kept = DayBesideRows.millisLeft(connection, day) > 0 ? Made.LARGE : Made.SOON;
    }
    if (kept != null) {
      connection.rollback();
      return kept;
    }
    String made = create(connection, of, day);
    boolean moves = !isTied(connection, rest);
    boolean hasRows = hasBegun || count(connection, of, rest, day) > 0;
    DayPartitions.quieten(connection, rest.place());
    long end = DayPartitions.endNanos(connection);
    try {
      if (moves) { // The lock keeps rows from coming between the moving and the attaching.
        if (hasRows) {
          keepReadersOut(connection, of, end);
        }
        DayPartitions.limitUntil(connection, end);
        run(connection, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(rest.place()));
        DayPartitions.limitUntil(connection, end);
        if (moveRows(connection, of, rest, made, day) > 0 && !hasRows) {
          connection.rollback(); // They came just now.
          return Made.BUSY;
        }
      }
      attach(connection, of, made, day, end);
      connection.commit();
      return Made.DONE;
    } catch (SQLException e) {
      if (!hasBegun || !SqlStates.isCancelled(e)) {
        throw e;
      }
      connection.rollback();
      return Made.SLOW;
    }
  }

  /** Returns why rows of a day can't be moved; null if there are none, or they can. */
  static @Nullable Made unmovable(
      Connection connection, DayPartitions of, Partition rest, LocalDate day) throws SQLException {
    int moved = count(connection, of, rest, day);
    if (moved > MOVED_ROWS_MAX) {
      return Made.LEFT;
    }
    return moved > 0 && isTied(connection, rest) ? Made.TIED : null;
  }

  /** True if rows can't be deleted, or not without a foreign key or a trigger seeing it. */
  static boolean isTied(Connection connection, Partition rest) throws SQLException {
    return MigrationRun.number(connection, TIES, rest.place(), rest.place(), rest.place()) != null;
  }

  /**
   * Makes the table that is to be a partition, stored as that of all other keys, and returns its
   * place.
   */
  static String create(Connection connection, DayPartitions of, LocalDate day) throws SQLException {
    String made = SqlStates.quoted(of.schema()) + "." + of.table().partition(day);
    Partition rest = of.rest();
    TableStorage storage =
        rest == null ? TableStorage.DEFAULT : TableStorage.of(connection, rest.place());
    run(
        connection,
        "CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)%s"
            .formatted(made, of.place(), storage.clause()));
    storage.identify(connection, made);
    DayPartitions.close(connection, made);
    return made;
  }

  /**
   * Makes a table the partition of a day, with the indexes and the owner of the others.
   *
   * @param endNanos as {@link DayPartitions#endNanos} returns it
   */
  static void attach(
      Connection connection, DayPartitions of, String made, LocalDate day, long endNanos)
      throws SQLException {
    DayPartitions.limitUntil(connection, endNanos);
    run(
        connection,
        "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')"
            .formatted(of.place(), made, DayTable.floor(day), DayTable.floor(day.plusDays(1))));
    if (of.table().owner() == DayTable.Owner.SELF && hasTimes(connection, of.place())) {
      DayPartitions.limitUntil(connection, endNanos);
      run(
          connection,
          "CREATE INDEX ON %s (GREATEST(completed_at, started_at, created_at)) WHERE %s"
              .formatted(made, late(day)));
    }
    DayPartitions.limitUntil(connection, endNanos);
    run(connection, "ALTER TABLE %s OWNER TO %s".formatted(made, SqlStates.quoted(of.role())));
  }

  /**
   * Locks the table itself, since rows are moved to a new partition. A reader that waited for a
   * partition alone would have planned without the new one, and see the rows in neither.
   *
   * @param endNanos as {@link DayPartitions#endNanos} returns it
   */
  static void keepReadersOut(Connection connection, DayPartitions of, long endNanos)
      throws SQLException {
    DayPartitions.limitUntil(connection, endNanos);
    run(connection, "LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE".formatted(of.place()));
  }

  /** Moves the rows of a day, of which no more may come, and returns how many there were. */
  static int moveRows(
      Connection connection, DayPartitions of, Partition rest, String made, LocalDate day)
      throws SQLException {
    String columns = String.join(", ", columns(connection, of.place()));
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "WITH moved AS (DELETE FROM %1$s WHERE %2$s RETURNING %3$s) INSERT INTO %4$s (%3$s) SELECT %3$s FROM moved"
              .formatted(rest.place(), isOf(of, day), columns, made));
      return statement.getUpdateCount();
    }
  }

  /** Returns the number of rows of a day that are in the partition of all other keys. */
  private static int count(Connection connection, DayPartitions of, Partition rest, LocalDate day)
      throws SQLException {
    Integer count =
        MigrationRun.number(
            connection,
            "SELECT pg_catalog.count(*)::integer FROM (SELECT FROM %s WHERE %s LIMIT %s) AS r"
                .formatted(rest.place(), isOf(of, day), MOVED_ROWS_MAX + 1));
    return count == null ? 0 : count;
  }

  private static String isOf(DayPartitions of, LocalDate day) {
    return "%1$s >= '%2$s'::uuid AND %1$s < '%3$s'::uuid"
        .formatted(of.table().key(), DayTable.floor(day), DayTable.floor(day.plusDays(1)));
  }

  /** Returns the columns that a statement may write, quoted. */
  static List<String> columns(Connection connection, String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          columns.add(row.getString(1));
        }
      }
    }
    return columns;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    DayPartitions.execute(connection, sql);
  }
}

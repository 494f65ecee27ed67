package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.LocalDate;

/**
 * Makes one table the first partition of a new one, without a row of it being rewritten.
 *
 * <pre>
 *  1. a check that each key is below the cut, not yet valid          locks the table for a moment
 *  2. rows above the cut set aside, the check validated              writers go on, however long
 *  3. views moved, names swapped, the table and those rows attached  locks the table for a moment
 * </pre>
 *
 * <p>Steps 2 and 3 are one transaction. PostgreSQL does not read the table in step 3, since the
 * valid check says what the partition must hold. If a step fails the check is dropped: it refuses
 * keys from the cut on. {@link LeftOverCut} drops one that a killed command has left.
 */
final class TableSwitch {
  /** Name of the check. */
  static final String CHECK = "agentlog_partition_cut";

  /** Most rows that are set aside: they are read again while the table is locked. */
  static final int ASIDE_ROWS_MAX = 100_000;

  /** Longest wait of an attempt at step 1 for whoever builds an index or cleans the table up. */
  private static final int CHECK_MILLIS_MAX = 5_000;

  /** Longest time in which others wait in an attempt at step 3. */
  private static final int SWAP_MILLIS_MAX = 1_500;

  private static final int SWAP_LOCK_MILLIS = 500;

  private static final String LIKE =
      "(LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS)";

  private static final String GRANTS =
      """
      SELECT a.privilege_type || COALESCE(' (' || pg_catalog.quote_ident(a.attname) || ')', ''),
             CASE WHEN a.grantee = 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
             CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
      FROM (SELECT x.privilege_type, x.grantee, x.is_grantable, NULL::text AS attname, c.relowner
            FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS x
            WHERE c.oid = pg_catalog.to_regclass(?)::oid
            UNION ALL
            SELECT x.privilege_type, x.grantee, x.is_grantable, t.attname::text, c.relowner
            FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
            CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) AS x
            WHERE c.oid = pg_catalog.to_regclass(?)::oid) AS a
      WHERE a.grantee <> a.relowner\
      """;

  private static final String OWNER_AND_COMMENT =
      """
      SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)::text),
             pg_catalog.quote_literal(pg_catalog.concat_ws('. ', ?, pg_catalog.obj_description(c.oid, 'pg_class'::name)))
      FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(?)::oid\
      """;

  private final Connection connection;
  private final String home;
  private final DayTable table;
  private final LocalDate from;
  private final long deadlineNanos;
  private final String place;
  private final String parent;
  private boolean isChecked;

  /**
   * Does no I/O.
   *
   * @param connection without a transaction; its session holds {@link DayPartitions#LOCK_KEY}
   * @param home schema of the table, without quotes
   * @param from first day that is a partition
   * @param deadlineNanos by {@link System#nanoTime()}, before the day
   */
  TableSwitch(
      Connection connection, String home, DayTable table, LocalDate from, long deadlineNanos) {
    this.connection = connection;
    this.home = home;
    this.table = table;
    this.from = from;
    this.deadlineNanos = deadlineNanos;
    this.place = SqlStates.quoted(home) + "." + table.name();
    this.parent = place + "_days";
  }

  /** Switches the table; tries for a lock for half a minute. */
  void run() throws SQLException, SinkUnavailableException {
    try {
      patiently(this::check);
      begin();
      execute("SET LOCAL lock_timeout = '10s'");
      execute("LOCK TABLE ONLY " + place + " IN SHARE UPDATE EXCLUSIVE MODE");
      limitToMargin();
      setAside();
      execute("ALTER TABLE " + place + " VALIDATE CONSTRAINT " + CHECK);
      makeParent();
      TableObjects objects = TableObjects.read(connection, place);
      Savepoint swap = connection.setSavepoint();
      patiently(
          () -> {
            try {
              swap(objects);
            } catch (SQLException e) {
              connection.rollback(swap); // The validated check stays.
              throw e;
            }
          });
      connection.commit();
    } catch (SQLException e) {
      String left = dropCheck(e);
      if (SqlStates.isCancelled(e)) {
        throw new SinkUnavailableException(
            "%s is too large to be checked before %s: give a later day%s"
                .formatted(table, from, left),
            e);
      }
      if (!left.isEmpty()) {
        throw new SinkUnavailableException(
            "%s can't be partitioned (%s)%s".formatted(table, SqlStates.shortText(e), left), e);
      }
      throw e;
    } catch (SinkUnavailableException e) {
      String left = dropCheck(e);
      throw left.isEmpty() ? e : new SinkUnavailableException(e.getMessage() + left, e);
    } catch (RuntimeException e) {
      dropCheck(e);
      throw e;
    }
  }

  private void check() throws SQLException {
    connection.rollback(); // Of an attempt before this.
    begin();
    execute("SET LOCAL statement_timeout = " + CHECK_MILLIS_MAX);
    DayPartitions.quieten(connection, place);
    execute(
        "ALTER TABLE %1$s DROP CONSTRAINT IF EXISTS %2$s, ADD CONSTRAINT %2$s CHECK (%3$s < '%4$s'::uuid) NOT VALID"
            .formatted(place, CHECK, table.key(), DayTable.floor(from)));
    isChecked = true;
    connection.commit();
  }

  private void limitToMargin() throws SQLException, SinkUnavailableException {
    long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SinkUnavailableException(
          "%s begins too soon for %s to be switched in time: give a later day"
              .formatted(from, table.name()),
          null);
    }
    execute("SET LOCAL statement_timeout = " + Math.min(millis, Integer.MAX_VALUE));
  }

  /** They are gone from the table and there in the other at the same moment, for all others. */
  private void setAside() throws SQLException {
    String rest = SqlStates.quoted(home) + "." + table.rest();
    TableStorage storage = TableStorage.of(connection, place);
    execute("CREATE TABLE %s %s%s".formatted(rest, LIKE.formatted(place), storage.clause()));
    storage.identify(connection, rest);
    execute("ALTER TABLE %s DROP CONSTRAINT %s".formatted(rest, CHECK));
    own(rest);
    DayPartitions.close(connection, rest);
    String columns = String.join(", ", DayMaking.columns(connection, place));
    execute(
        "WITH moved AS (DELETE FROM %1$s WHERE %2$s >= '%3$s'::uuid RETURNING %4$s) INSERT INTO %5$s (%4$s) SELECT %4$s FROM moved"
            .formatted(place, table.key(), DayTable.floor(from), columns, rest));
  }

  private void makeParent() throws SQLException {
    TableStorage storage = TableStorage.of(connection, place);
    execute(
        "CREATE TABLE %s %s PARTITION BY RANGE (%s)%s"
            .formatted(parent, LIKE.formatted(place), table.key(), storage.partitionedClause()));
    storage.identify(connection, parent);
    execute("ALTER TABLE %s DROP CONSTRAINT %s".formatted(parent, CHECK));
    own(parent);
    DayPartitions.close(connection, parent);
    try (PreparedStatement statement = connection.prepareStatement(GRANTS)) {
      statement.setString(1, place);
      statement.setString(2, place);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          execute(
              "GRANT %s ON %s TO %s%s"
                  .formatted(row.getString(1), parent, row.getString(2), row.getString(3)));
        }
      }
    }
  }

  private void own(String made) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(OWNER_AND_COMMENT)) {
      statement.setString(1, DayPartitions.MARK);
      statement.setString(2, place);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        execute("ALTER TABLE %s OWNER TO %s".formatted(made, row.getString(1)));
        if (made.equals(parent)) {
          execute("COMMENT ON TABLE %s IS %s".formatted(made, row.getString(2)));
        }
      }
    }
  }

  /**
   * Views are locked before the table: who reads one holds it while waiting for the table, and
   * would never let go if the table were locked first.
   */
  private void swap(TableObjects objects) throws SQLException {
    long end = System.nanoTime() + SWAP_MILLIS_MAX * 1_000_000L;
    String before = SqlStates.quoted(home) + "." + table.before();
    for (TableObjects.View view : objects.views()) {
      limit(end);
      execute(view.movedTo(place, parent, SqlStates.quoted(home)));
    }
    limit(end);
    execute("LOCK TABLE ONLY " + place + " IN ACCESS EXCLUSIVE MODE");
    limit(end);
    for (TableObjects.Index index : objects.indexes()) {
      execute(
          "ALTER INDEX %s.%s RENAME TO %s"
              .formatted(
                  SqlStates.quoted(home), SqlStates.quoted(index.name()), index.nameBefore()));
    }
    execute("ALTER TABLE %s RENAME TO %s".formatted(place, table.before()));
    execute("ALTER TABLE %s RENAME TO %s".formatted(parent, table.name()));
    for (TableObjects.Index index : objects.indexes()) {
      execute(
          index.constraint() == null
              ? index.definition()
              : "ALTER TABLE %s ADD CONSTRAINT %s %s"
                  .formatted(place, SqlStates.quoted(index.name()), index.constraint()));
    }
    execute(
        "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO ('%s')"
            .formatted(place, before, DayTable.floor(from)));
    execute(
        "ALTER TABLE %s ATTACH PARTITION %s.%s DEFAULT"
            .formatted(place, SqlStates.quoted(home), table.rest()));
    execute("ALTER TABLE %s DROP CONSTRAINT %s".formatted(before, CHECK));
  }

  /** All statements of an attempt end in time together. */
  private void limit(long endNanos) throws SQLException {
    long millis = Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
    execute(
        "SET LOCAL lock_timeout = %s; SET LOCAL statement_timeout = %s; SET LOCAL idle_in_transaction_session_timeout = %s"
            .formatted(
                Math.min(SWAP_LOCK_MILLIS, millis), millis, DayPartitions.IDLE_TIMEOUT_MILLIS));
  }

  /** Returns the sentence that the check is left, with the remedy; empty if it is not. */
  private String dropCheck(Exception cause) {
    try {
      connection.rollback();
      patiently(
          () -> {
            connection.rollback(); // Of the attempt before.
            LeftOverCut.drop(connection, place, CHECK);
          });
      return "";
    } catch (SQLException | SinkUnavailableException e) { // The agent of any JVM drops it, too.
      cause.addSuppressed(e);
      return isChecked
          ? ". Its check is left, and rows of %s wait as long as it is there: before that day, run ALTER TABLE %s DROP CONSTRAINT %s, or migrate"
              .formatted(from, place, CHECK)
          : "";
    }
  }

  private void begin() throws SQLException {
    execute("SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL statement_timeout = 0");
  }

  private void patiently(LockAttempts.Step step) throws SQLException, SinkUnavailableException {
    LockAttempts.patiently(
        "another session holds a lock on %s, perhaps a backup, a report or an open transaction: run migrate again later, or give a later day if its rows take long to check"
            .formatted(table.name()),
        step);
  }

  private void execute(String sql) throws SQLException {
    DayPartitions.execute(connection, sql);
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a table that agentlog has cut into days, as the catalog has them. A comment on
 * the table says that agentlog keeps its days, so that a table that its owner has partitioned, or
 * has handed on to another program, is left alone. Immutable.
 *
 * @param schema of the table, without quotes
 * @param role owner of the table, without quotes
 * @param logsIn false for an owner who is a group of users
 * @param isMine true if this user may act as the owner
 * @param partitions in no order
 */
record DayPartitions(
    DayTable table,
    String schema,
    String role,
    boolean logsIn,
    boolean isMine,
    List<Partition> partitions) {
  /** Begin of the comment on a table whose days agentlog keeps. */
  static final String MARK = "agentlog: partitions by day";

  /** "agentday" in ASCII: one session makes or drops partitions at a time. */
  static final long LOCK_KEY = 0x6167656e74646179L;

  /**
   * Longest wait for a lock, during which everybody else's statements wait behind it. Dropping a
   * partition locks the whole table, and a batch may hold that for some hundred milliseconds.
   */
  static final int LOCK_TIMEOUT_MILLIS = 1_000;

  /**
   * Longest time of a statement on partitions, its wait for the lock included; also of all
   * statements together from the moment at which one asks for a lock that others wait behind.
   */
  static final int STATEMENT_TIMEOUT_MILLIS = 2_000;

  /**
   * Time after which the server ends a session that has locks and asks for nothing, such as one of
   * a JVM that is paused. Longer than the pause between two attempts of {@link LockAttempts}.
   */
  static final int IDLE_TIMEOUT_MILLIS = 3_000;

  /** Bounds have no columns, and the server would lock each partition to name some. */
  private static final String READ =
      """
      SELECT n.name, r.rolcanlogin, r.rolname::text, pg_catalog.pg_has_role(p.relowner, 'USAGE'),
             c.relname::text, cn.nspname::text, pg_catalog.pg_get_expr(c.relpartbound, 0::oid)
      FROM unnest(?::text[], ?::text[], ?::text[]) AS n(name, column_name, home)
      JOIN pg_catalog.pg_namespace h ON h.nspname = n.home::name
      JOIN pg_catalog.pg_class p ON p.relname = n.name::name AND p.relnamespace = h.oid
      JOIN pg_catalog.pg_partitioned_table k ON k.partrelid = p.oid AND k.partstrat::text = 'r'::text AND k.partnatts = 1::smallint
      JOIN pg_catalog.pg_attribute a ON a.attrelid = p.oid AND a.attnum = k.partattrs[0] AND a.attname = n.column_name::name
      JOIN pg_catalog.pg_roles r ON r.oid = p.relowner
      LEFT JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid
      LEFT JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
      LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
      WHERE pg_catalog.starts_with(pg_catalog.obj_description(p.oid, 'pg_class'::name), ?)\
      """;

  private static final String GRANTEES =
      """
      SELECT DISTINCT CASE WHEN a.grantee = 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END
      FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
      WHERE c.oid = pg_catalog.to_regclass(?)::oid AND a.grantee <> c.relowner\
      """;

  private static final Pattern BOUNDS =
      Pattern.compile("FOR VALUES FROM \\((MINVALUE|'[^']*')\\) TO \\((MAXVALUE|'[^']*')\\)");

  DayPartitions {
    partitions = List.copyOf(partitions);
  }

  /**
   * A partition.
   *
   * @param place quoted, with its schema
   * @param from lowest key; null for the first partition and for the one of all other keys
   * @param to key behind the highest; null for the one of all other keys
   */
  record Partition(String place, @Nullable String from, @Nullable String to) {
    /** True for the partition of keys that have no other. */
    boolean isRest() {
      return to == null;
    }

    /** Returns the day; null if the partition is not exactly a day. */
    @Nullable LocalDate day() {
      LocalDate begin = from == null ? null : DayTable.day(from);
      return begin != null && DayTable.floor(begin.plusDays(1)).equals(to) ? begin : null;
    }
  }

  /** Reads the catalog; needs no right. Tables that agentlog has not cut into days are left out. */
  static List<DayPartitions> read(Connection connection) throws SQLException {
    String home = Home.find(connection).schema();
    return home == null ? List.of() : read(connection, home, DayTable.ALL);
  }

  /** Reads the catalog about this table again; null if agentlog does not keep its days any more. */
  @Nullable DayPartitions again(Connection connection) throws SQLException {
    List<DayPartitions> read = read(connection, schema, List.of(table));
    return read.isEmpty() ? null : read.get(0);
  }

  /** As the other method, for some tables in a schema without quotes. */
  static List<DayPartitions> read(Connection connection, String home, List<DayTable> all)
      throws SQLException {
    Map<String, DayPartitions> found = new LinkedHashMap<>();
    Map<String, List<Partition>> partitions = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setArray(
          1, connection.createArrayOf("text", all.stream().map(DayTable::name).toArray()));
      statement.setArray(
          2, connection.createArrayOf("text", all.stream().map(DayTable::key).toArray()));
      statement.setArray(
          3, connection.createArrayOf("text", all.stream().map(table -> home).toArray()));
      statement.setString(4, MARK);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String name = row.getString(1);
          found.putIfAbsent(
              name,
              new DayPartitions(
                  all.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow(),
                  home,
                  row.getString(3),
                  row.getBoolean(2),
                  row.getBoolean(4),
                  List.of()));
          List<Partition> of = partitions.computeIfAbsent(name, n -> new ArrayList<>());
          if (row.getString(5) != null) {
            of.add(
                partition(
                    SqlStates.quoted(row.getString(6)) + "." + SqlStates.quoted(row.getString(5)),
                    row.getString(7)));
          }
        }
      }
    }
    List<DayPartitions> read = new ArrayList<>();
    for (DayTable table : all) { // In this order, which retention relies on.
      DayPartitions of = found.get(table.name());
      if (of != null) {
        read.add(
            new DayPartitions(
                table,
                home,
                of.role,
                of.logsIn,
                of.isMine,
                partitions.getOrDefault(table.name(), List.of())));
      }
    }
    return read;
  }

  private static Partition partition(String place, String bounds) {
    Matcher bound = BOUNDS.matcher(bounds);
    return bound.matches()
        ? new Partition(place, key(bound.group(1)), key(bound.group(2)))
        : new Partition(place, null, null);
  }

  private static @Nullable String key(String bound) {
    return bound.startsWith("'") ? bound.substring(1, bound.length() - 1) : null;
  }

  /** Returns the table, quoted, with its schema. */
  String place() {
    return SqlStates.quoted(schema) + "." + table.name();
  }

  /** Returns who may make and drop partitions, for people. */
  String keeper() {
    return keeper(role, logsIn);
  }

  /** Returns the owner of a table, or whoever may act for it, for people. */
  static String keeper(String role, boolean logsIn) {
    return logsIn ? role : "a member of " + role;
  }

  /** Returns the partition of keys that have no other; null if the table has none. */
  @Nullable Partition rest() {
    return partitions.stream().filter(Partition::isRest).findFirst().orElse(null);
  }

  /** True if a day's keys have a partition of their own, or share one with other days. */
  boolean covers(LocalDate day) {
    String floor = DayTable.floor(day);
    return partitions.stream()
        .anyMatch(
            p ->
                p.to != null
                    && floor.compareTo(p.to) < 0
                    && (p.from == null || floor.compareTo(p.from) >= 0));
  }

  /** Returns the end of the first partition, which has no begin; null if there is none. */
  @Nullable String firstEnd() {
    return partitions.stream()
        .filter(p -> p.from == null && p.to != null)
        .map(Partition::to)
        .findFirst()
        .orElse(null);
  }

  /** Returns the end of the last partition that has one; null if there is none. */
  @Nullable String end() {
    String end = null;
    for (Partition partition : partitions) {
      if (partition.to != null && (end == null || partition.to.compareTo(end) > 0)) {
        end = partition.to;
      }
    }
    return end;
  }

  /**
   * Begins a transaction as {@link #begin} does, whose statements each see what is committed by
   * then, whatever the database's default is. The first statement of a transaction.
   */
  static void beginFresh(Connection connection) throws SQLException {
    execute(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    begin(connection);
  }

  /**
   * Begins a transaction that keeps nobody waiting for long; nothing but pg_catalog is searched.
   */
  static void begin(Connection connection) throws SQLException {
    limit(connection, statementMillis(connection));
    execute(
        connection,
        "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL idle_in_transaction_session_timeout = "
            + IDLE_TIMEOUT_MILLIS);
  }

  /**
   * Returns the moment, by {@link System#nanoTime()}, until which a lock may be asked for and held
   * that others wait behind.
   */
  static long endNanos(Connection connection) throws SQLException {
    return System.nanoTime() + statementMillis(connection) * 1_000_000L;
  }

  /** Limits the next statement, so that it and those before it end by {@link #endNanos}. */
  static void limitUntil(Connection connection, long endNanos) throws SQLException {
    limit(connection, Math.max(1, (endNanos - System.nanoTime()) / 1_000_000));
  }

  private static void limit(Connection connection, long millis) throws SQLException {
    execute(
        connection,
        "SET LOCAL lock_timeout = %s; SET LOCAL statement_timeout = %s"
            .formatted(Math.min(LOCK_TIMEOUT_MILLIS, millis), millis));
  }

  private static int statementMillis(Connection connection) throws SQLException {
    int patience = connection.getNetworkTimeout();
    return patience == 0
        ? STATEMENT_TIMEOUT_MILLIS
        : Math.min(STATEMENT_TIMEOUT_MILLIS, Math.max(1, patience / 2));
  }

  /**
   * Ends an autovacuum of the partition, which gives way to a waiting lock after a second, before a
   * lock is asked for that others wait behind.
   */
  static void quieten(Connection connection, String place) throws SQLException {
    execute(
        connection,
        "SET LOCAL lock_timeout = 0; LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE; SET LOCAL lock_timeout = %s"
            .formatted(place, LOCK_TIMEOUT_MILLIS));
  }

  /**
   * Takes the rights from everybody but the owner that a new table may have by default: rows of a
   * partition are reached through the table, whose rights alone count.
   */
  static void close(Connection connection, String place) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(GRANTEES)) {
      statement.setString(1, place);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          execute(connection, "REVOKE ALL ON %s FROM %s".formatted(place, row.getString(1)));
        }
      }
    }
  }

  /** True if no other session is making or dropping partitions; until the transaction ends. */
  static boolean isAlone(Connection connection) throws SQLException {
    Integer alone =
        MigrationRun.number(
            connection, "SELECT pg_catalog.pg_try_advisory_xact_lock(" + LOCK_KEY + ")::integer");
    return alone != null && alone == 1;
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

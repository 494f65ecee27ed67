package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Looks which tables a command can partition by day, before it changes anything. Used once. */
final class TablesToSwitch {
  /** Most keys above the cut, as one of so many. */
  private static final int ASIDE_PART = 100;

  private static final String TABLE =
      """
      SELECT c.relkind::text, pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner)::text,
             EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                     WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND a.attname = ?::name
                       AND a.atttypid = 'uuid'::regtype),
             r.rolcanlogin, pg_catalog.has_schema_privilege(c.relowner, n.oid, 'CREATE') OR me.rolsuper
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner JOIN pg_catalog.pg_roles me ON me.rolname = current_user
      WHERE n.nspname = ?::name AND c.relname = ?::name\
      """;

  private final Connection connection;
  private final String home;
  private final PostgresTarget target;
  private final LocalDate from;

  /**
   * Does no I/O.
   *
   * @param home schema of the tables, without quotes
   * @param from first day with a partition of its own
   */
  TablesToSwitch(Connection connection, String home, PostgresTarget target, LocalDate from) {
    this.connection = connection;
    this.home = home;
    this.target = target;
    this.from = from;
  }

  /**
   * True if all tables are partitioned by day from the day on, or from one before it.
   *
   * @throws SinkUnavailableException if they are from a later one on
   */
  boolean isDone() throws SQLException, SinkUnavailableException {
    List<DayPartitions> kept = DayPartitions.read(connection, home, DayTable.ALL);
    int there = 0;
    for (DayTable table : DayTable.ALL) {
      there +=
          MigrationRun.number(
                      connection,
                      "SELECT 1 WHERE pg_catalog.to_regclass(?) IS NOT NULL",
                      SqlStates.quoted(home) + "." + table.name())
                  == null
              ? 0
              : 1;
    }
    connection.commit();
    if (kept.isEmpty() || kept.size() < there) {
      return false;
    }
    for (DayPartitions of : kept) {
      String first = of.firstEnd();
      if (first != null && DayTable.floor(from).compareTo(first) < 0) {
        throw problem(
            "the tables at %s are partitioned by day already, and the first partition of %s holds all keys below those of %s: partitions that begin on %s can't be made. Give a later day, or none"
                .formatted(target, of.table(), DayTable.day(first), from));
      }
    }
    return true;
  }

  /**
   * Returns the tables to switch; none of them is switched if one can't be.
   *
   * @throws SinkUnavailableException if one can't be; the message says why and what to do
   */
  List<DayTable> tables() throws SQLException, SinkUnavailableException {
    List<String> kept =
        DayPartitions.read(connection, home, DayTable.ALL).stream()
            .map(of -> of.table().name())
            .toList();
    List<DayTable> tables = new ArrayList<>();
    for (DayTable table : DayTable.ALL) {
      if (!kept.contains(table.name()) && isThere(table)) {
        String place = SqlStates.quoted(home) + "." + table.name();
        List<String> obstacles = TableObjects.read(connection, place).obstacles();
        if (!obstacles.isEmpty()) {
          throw problem(
              "%s at %s has what a partitioned table of agentlog's can't have: %s. Drop it, or run migrate --relax if it is a constraint, and make it again afterwards"
                  .formatted(table, target, obstacles.stream().collect(joining(", "))));
        }
        lookAtKeys(place, table);
        tables.add(table);
      }
    }
    if (tables.isEmpty()) {
      throw problem("there is no table of agentlog at %s: run migrate first".formatted(target));
    }
    return tables;
  }

  private boolean isThere(DayTable table) throws SQLException, SinkUnavailableException {
    try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
      statement.setString(1, table.key());
      statement.setString(2, home);
      statement.setString(3, table.name());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return false;
        }
        if (row.getString(1).equals("p")) {
          throw problem(
              "%s at %s is partitioned already, and not by agentlog: its partitions are its owner's to make"
                  .formatted(table, target));
        }
        if (!row.getBoolean(2)) {
          throw problem(
              "user %s does not own %s at %s: run migrate as %s"
                  .formatted(
                      target.user(),
                      table,
                      target,
                      DayPartitions.keeper(row.getString(3), row.getBoolean(5))));
        }
        if (!row.getBoolean(6)) {
          throw problem(
              "%1$s, the owner of %2$s at %3$s, may not make its partitions: run GRANT USAGE, CREATE ON SCHEMA %4$s TO %5$s"
                  .formatted(
                      row.getString(3),
                      table,
                      target,
                      SqlStates.quoted(home),
                      SqlStates.quoted(row.getString(3))));
        }
        if (!row.getBoolean(4)) {
          throw problem(
              "%s at %s has no primary key that begins with %s: run ALTER TABLE %s ADD PRIMARY KEY first"
                  .formatted(table, target, table.key(), table));
        }
        return true;
      }
    }
  }

  /** Keys of another version than 7 are spread over all days, so few of them are bearable. */
  private void lookAtKeys(String place, DayTable table)
      throws SQLException, SinkUnavailableException {
    Integer above =
        MigrationRun.number(
            connection,
            "SELECT pg_catalog.count(*)::integer FROM (SELECT FROM %s WHERE %s >= '%s'::uuid LIMIT %s) AS r"
                .formatted(
                    place, table.key(), DayTable.floor(from), TableSwitch.ASIDE_ROWS_MAX + 1));
    if (above == null || above == 0) {
      return;
    }
    long all = count(place);
    if (above > TableSwitch.ASIDE_ROWS_MAX || (long) above * ASIDE_PART > all) {
      throw problem(
          "%1$s of %2$s keys of %3$s at %4$s are not ordered by time, as those of the Python logger, or lie behind %5$s, and more than 1 %% or %6$s can't be set aside: rename %3$s, run migrate --partition-from on the new table that migrate makes, and read both through a view"
              .formatted(
                  above > TableSwitch.ASIDE_ROWS_MAX ? "over " + TableSwitch.ASIDE_ROWS_MAX : above,
                  all,
                  table,
                  target,
                  from,
                  TableSwitch.ASIDE_ROWS_MAX));
    }
  }

  private long count(String place) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT pg_catalog.count(*) FROM " + place);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static SinkUnavailableException problem(String text) {
    return new SinkUnavailableException(text, null);
  }
}

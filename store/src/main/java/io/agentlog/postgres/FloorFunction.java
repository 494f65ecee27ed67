package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The function {@code agentlog_floor}, which is the tables' owner's. Stateless. */
final class FloorFunction {
  private static final String NAME = "agentlog_floor";

  private static final String MAKE =
      """
      CREATE OR REPLACE FUNCTION %1$s(moment timestamptz) RETURNS uuid
      LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;
      GRANT EXECUTE ON FUNCTION %1$s(timestamptz) TO PUBLIC;
      COMMENT ON FUNCTION %1$s(timestamptz) IS 'agentlog: the lowest key of rows from a moment on'\
      """;

  /** Compares what the server prints of both. */
  private static final String IS_SAME =
      """
      SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_proc q
        ON p.provolatile = q.provolatile AND p.proisstrict = q.proisstrict AND p.proparallel = q.proparallel AND p.prolang = q.prolang
        AND pg_catalog.pg_get_function_sqlbody(p.oid) = pg_catalog.pg_get_function_sqlbody(q.oid)
      WHERE p.oid = pg_catalog.to_regprocedure(?)::oid AND q.oid = pg_catalog.to_regprocedure(?)::oid\
      """;

  private static final String OWNER =
      """
      SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)::text)
      FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(?)::oid\
      """;

  private FloorFunction() {}

  /**
   * Makes the function, and commits. One that is there already stays, since another member of the
   * group that owns the tables may have made it; one that differs is replaced.
   *
   * @param connection without a transaction
   * @param home schema of the table, without quotes
   * @param table whose owner the function gets
   */
  static void make(Connection connection, String home, DayTable table) throws SQLException {
    String place = SqlStates.quoted(home) + "." + NAME;
    begin(connection);
    DayPartitions.execute(connection, MAKE.formatted(place + "_new"));
    boolean isThere =
        MigrationRun.number(
                connection, IS_SAME, place + "(timestamptz)", place + "_new(timestamptz)")
            != null;
    connection.rollback();
    if (!isThere) {
      begin(connection);
      DayPartitions.execute(connection, MAKE.formatted(place));
      DayPartitions.execute(
          connection,
          "ALTER FUNCTION %s(timestamptz) OWNER TO %s"
              .formatted(place, owner(connection, SqlStates.quoted(home) + "." + table.name())));
      connection.commit();
    }
  }

  private static void begin(Connection connection) throws SQLException {
    DayPartitions.execute(connection, "SET LOCAL search_path = pg_catalog, pg_temp");
  }

  private static String owner(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(OWNER)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}

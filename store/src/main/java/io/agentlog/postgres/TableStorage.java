package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Storage of a table, which {@code LIKE} does not copy: settings of autovacuum and the like, the
 * tablespace, and what replication tells of a changed row. A table that is like another one takes
 * it over. Immutable.
 *
 * @param options as {@code CREATE TABLE} takes them, those of long values too; empty for none
 * @param tablespace quoted; empty for that of the database
 * @param identity of its rows for replication; empty for the primary key
 */
record TableStorage(String options, String tablespace, String identity) {
  static final TableStorage DEFAULT = new TableStorage("", "", "");

  private static final String READ =
      """
      SELECT pg_catalog.concat_ws(', ', pg_catalog.array_to_string(c.reloptions, ', '),
                                  (SELECT pg_catalog.string_agg('toast.' || o, ', ') FROM pg_catalog.unnest(t.reloptions) AS o)),
             COALESCE(pg_catalog.quote_ident(s.spcname::text), ''),
             CASE c.relreplident WHEN 'f'::"char" THEN 'FULL' WHEN 'n'::"char" THEN 'NOTHING' ELSE '' END
      FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
      LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
      WHERE c.oid = pg_catalog.to_regclass(?)::oid\
      """;

  /** Reads the catalog; {@code place} is quoted. */
  static TableStorage of(Connection connection, String place) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setString(1, place);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new TableStorage(row.getString(1), row.getString(2), row.getString(3))
            : DEFAULT;
      }
    }
  }

  /** Returns the end of {@code CREATE TABLE} for a table that has rows. */
  String clause() {
    return (options.isEmpty() ? "" : " WITH (" + options + ")") + partitionedClause();
  }

  /** Gives a table that is made its identity; {@code made} is quoted. */
  void identify(Connection connection, String made) throws SQLException {
    if (!identity.isEmpty()) {
      DayPartitions.execute(
          connection, "ALTER TABLE %s REPLICA IDENTITY %s".formatted(made, identity));
    }
  }

  /** Returns the end of {@code CREATE TABLE} for one that has partitions instead. */
  String partitionedClause() {
    return tablespace.isEmpty() ? "" : " TABLESPACE " + tablespace;
  }
}

package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Objects that hang on a table that is to become a partition, and have to hang on the new one
 * instead. Immutable.
 *
 * @param indexes with the primary key
 * @param views that read the table
 * @param obstacles what can't be moved, for people
 */
record TableObjects(List<Index> indexes, List<View> views, List<String> obstacles) {
  private static final String INDEXES =
      """
      SELECT c.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.pg_get_constraintdef(k.oid),
             i.indisunique AND NOT i.indisprimary OR NOT i.indisvalid
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
      WHERE i.indrelid = pg_catalog.to_regclass(?)::oid ORDER BY i.indisprimary DESC, c.relname\
      """;

  private static final String VIEWS =
      """
      SELECT DISTINCT pg_catalog.quote_ident(n.nspname::text) || '.' || pg_catalog.quote_ident(v.relname::text), pg_catalog.pg_get_viewdef(v.oid),
             pg_catalog.array_to_string(v.reloptions, ', '),
             COALESCE(pg_catalog.starts_with(pg_catalog.obj_description(v.oid, 'pg_class'::name), 'agentlog:'), false),
             pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(v.relowner)::text), pg_catalog.pg_has_role(v.relowner, 'USAGE'),
             pg_catalog.quote_ident(current_user::text)
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
      JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'::"char"
      JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
      WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = pg_catalog.to_regclass(?)::oid
      ORDER BY 1\
      """;

  /**
   * Objects that depend on the table or its type, but its own parts, indexes and views; and checks
   * that a partition can't share with its table.
   */
  private static final String OBSTACLES =
      """
      SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0)
      FROM pg_catalog.pg_class t JOIN pg_catalog.pg_depend d
        ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
        OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.reltype, (SELECT y.typarray FROM pg_catalog.pg_type y WHERE y.oid = t.reltype))
      LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
      LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
      WHERE t.oid = pg_catalog.to_regclass(?)::oid AND d.deptype <> 'i'::"char"
        AND d.classid <> 'pg_attrdef'::regclass AND d.classid <> 'pg_statistic_ext'::regclass
        AND COALESCE(c.relkind, '-'::"char") NOT IN ('i'::"char", 'S'::"char")
        AND NOT COALESCE(k.conrelid = t.oid AND k.contype NOT IN ('f'::"char", 'u'::"char", 'x'::"char"), false)
        AND NOT COALESCE(v.relkind = 'v'::"char" AND r.rulename = '_RETURN'::name, false)
      UNION ALL
      SELECT 'row security' FROM pg_catalog.pg_class t WHERE t.oid = pg_catalog.to_regclass(?)::oid AND t.relrowsecurity
      UNION ALL
      SELECT 'identity column ' || a.attname::text FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = pg_catalog.to_regclass(?)::oid AND a.attidentity <> ''::"char" AND NOT a.attisdropped
      UNION ALL
      SELECT 'its parent ' || i.inhparent::regclass::text FROM pg_catalog.pg_inherits i WHERE i.inhrelid = pg_catalog.to_regclass(?)::oid
      UNION ALL
      SELECT 'REPLICA IDENTITY NOTHING, by which publication ' || p.pubname::text || ' lets no row be deleted'
      FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_publication_tables b ON b.schemaname = n.nspname AND b.tablename = t.relname
      JOIN pg_catalog.pg_publication p ON p.pubname = b.pubname AND p.pubdelete
      WHERE t.oid = pg_catalog.to_regclass(?)::oid AND t.relreplident = 'n'::"char"
      UNION ALL
      SELECT 'check ' || k.conname::text || ', which is ' || CASE WHEN k.connoinherit THEN 'NO INHERIT' ELSE 'NOT VALID' END
      FROM pg_catalog.pg_constraint k
      WHERE k.conrelid = pg_catalog.to_regclass(?)::oid AND k.contype IN ('c'::"char", 'n'::"char")
        AND (k.connoinherit OR NOT k.convalidated) AND k.conname::text <> ALL ('{%s}'::text[])\
      """
          .formatted(String.join(",", LeftOverCut.CHECKS));

  /** Condition of a view of agentlog's on the time, as the server writes it. */
  private static final Pattern SINCE =
      Pattern.compile("\\((\\w+\\.|)started_at > \\(now\\(\\) - ('[^']+'::interval)\\)\\)");

  TableObjects {
    indexes = List.copyOf(indexes);
    views = List.copyOf(views);
    obstacles = List.copyOf(obstacles);
  }

  /**
   * An index.
   *
   * @param name without quotes
   * @param constraint of the primary key; null for others
   */
  record Index(String name, String definition, @Nullable String constraint) {
    /** Returns the name under which the index stays with its partition, quoted. */
    String nameBefore() {
      return SqlStates.quoted(RenamedTable.withEnd(name, "_before"));
    }
  }

  /**
   * A view.
   *
   * @param name quoted, with its schema
   * @param definition in which each table has its schema
   * @param options of the view; null without any
   * @param isOurs true if agentlog has made it
   */
  record View(String name, String definition, @Nullable String options, boolean isOurs) {
    /**
     * Returns the statement that makes the view read another table. The table's name in a text of
     * the view stays. A view of agentlog's that asks for the last hours or days then asks for their
     * keys, too, so that older partitions are left out.
     *
     * @param home schema of the table, quoted
     */
    String movedTo(String table, String other, String home) {
      String plain = table.replace("\"", "");
      String alias = plain.substring(plain.lastIndexOf('.') + 1);
      // The server writes keywords in capitals and quotes names that have any.
      String place =
          "(?<![\\w.\"])(?:" + Pattern.quote(table) + "|" + Pattern.quote(plain) + ")\\b";
      String moved =
          Pattern.compile(
                  "('%1$s'(?=::regclass\\b))|'[^']*+'|(%1$s(?=\\s+[a-z_\"]))|(%1$s)|\"[^\"]*+\""
                      .formatted(place))
              .matcher(definition)
              .replaceAll(
                  part ->
                      Matcher.quoteReplacement(
                          part.group(1) != null
                              ? "'" + other + "'"
                              : part.group(2) != null
                                  ? other
                                  : part.group(3) != null ? other + " " + alias : part.group()));
      if (isOurs && alias.equals(Tables.EXECUTIONS.table())) {
        moved =
            SINCE
                .matcher(moved)
                .replaceAll(
                    "($0 AND ($1execution_id >= "
                        + Matcher.quoteReplacement(home)
                        + ".agentlog_floor((now() - $2))))");
      }
      return "CREATE OR REPLACE VIEW %s%s AS %s"
          .formatted(name, options == null ? "" : " WITH (" + options + ")", moved);
    }
  }

  /** Reads the catalog, with {@code pg_catalog} alone in the search path. */
  static TableObjects read(Connection connection, String table) throws SQLException {
    List<Index> indexes = new ArrayList<>();
    List<View> views = new ArrayList<>();
    List<String> obstacles = new ArrayList<>();
    query(connection, OBSTACLES, table, row -> obstacles.add(row.getString(1)));
    query(
        connection,
        INDEXES,
        table,
        row -> {
          indexes.add(new Index(row.getString(1), row.getString(2), row.getString(3)));
          if (row.getBoolean(4)) {
            obstacles.add("unique or invalid index " + row.getString(1));
          }
        });
    query(
        connection,
        VIEWS,
        table,
        row -> {
          views.add(
              new View(row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)));
          if (!row.getBoolean(6)) {
            obstacles.add(
                "view %s of role %s, which user %s may not change (GRANT %s TO %s helps)"
                    .formatted(
                        row.getString(1),
                        row.getString(5),
                        row.getString(7),
                        row.getString(5),
                        row.getString(7)));
          }
        });
    return new TableObjects(indexes, views, obstacles);
  }

  private static void query(Connection connection, String sql, String table, RowReader reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int count = (int) sql.chars().filter(c -> c == '?').count();
      for (int i = 1; i <= count; i++) {
        statement.setString(i, table);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          reader.read(row);
        }
      }
    }
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }
}

package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The schema of agentlog's tables in a session: where its search path finds {@code
 * agent_execution_logs}, otherwise the first of the path. Immutable.
 *
 * <p>Whoever may create in a schema of the path could put a table, a function or an operator there
 * that a statement of agentlog finds before the right one. Statements therefore name functions with
 * {@code pg_catalog}, give operators operands for which {@code pg_catalog} has an exact match, and
 * run where {@code pg_catalog} is searched first and this schema next.
 *
 * @param schema without quotes; null if no schema of the path exists
 * @param serverProcess that ran the query, which behind a pooler is not the one of the log-in
 */
record Home(@Nullable String schema, int serverProcess, List<String> path) {
  private static final String CATALOG = "pg_catalog";

  /** The query runs before the path is safe, so each of its names is qualified. */
  private static final String FIND =
      """
      SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_schemas(false)::pg_catalog.text[],
             (SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
              WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('agent_execution_logs')::pg_catalog.oid)""";

  Home {
    path = List.copyOf(path);
  }

  static Home find(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FIND)) {
      row.next();
      List<String> path = List.of((String[]) row.getArray(2).getArray());
      String found = row.getString(3);
      String schema = found != null ? found : path.isEmpty() ? null : path.get(0);
      return new Home(schema, row.getInt(1), path);
    }
  }

  /**
   * Puts the schema before the others of the session's path, and {@code pg_catalog} before all, if
   * they are not there. The other schemas stay, because triggers of the user's may need them.
   */
  void enter(Connection connection) throws SQLException {
    if (schema == null || (schema.equals(path.get(0)) && !path.contains(CATALOG))) {
      return; // Unless it is named, pg_catalog is searched first.
    }
    Set<String> schemas = new LinkedHashSet<>();
    schemas.add(schema);
    schemas.addAll(path);
    schemas.remove(CATALOG);
    List<String> quoted = new ArrayList<>();
    schemas.forEach(name -> quoted.add(SqlStates.quoted(name)));
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = " + quoted.stream().collect(joining(", ")));
    }
  }
}

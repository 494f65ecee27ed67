package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rows of executions and their details, without what the database's own clock says. */
final class TableContents {
  private static final String UNDEFINED_TABLE = "42P01";

  /** Each table with a row of it; prompts and others have the event's time as created_at. */
  private static final Map<String, String> TABLES = tables();

  private TableContents() {}

  /** The tables must hold equal rows, and executions among them. */
  static void assertSame(Postgres actual, Postgres expected) {
    assertThat(count(actual, "SELECT count(*) FROM agent_execution_logs")).isPositive();
    TABLES.forEach(
        (table, row) -> {
          if (!sum(actual, table, row).equals(sum(expected, table, row))) {
            List<String> missing = rows(expected, table, row);
            List<String> more = rows(actual, table, row);
            List<String> same = new ArrayList<>(missing);
            same.retainAll(new HashSet<>(more));
            missing.removeAll(new HashSet<>(same));
            more.removeAll(new HashSet<>(same));
            throw new AssertionError(
                "%s: %s rows are missing, %s are others: %s, %s"
                    .formatted(table, missing.size(), more.size(), first(missing), first(more)));
          }
        });
  }

  /** A sum that changes with each version of each row. */
  static List<String> versions(Postgres database) {
    List<String> versions = new ArrayList<>();
    TABLES.forEach(
        (table, row) ->
            versions.add(
                table
                    + " "
                    + texts(
                        database,
                        "SELECT count(*) || ' ' || coalesce(md5(string_agg(t.ctid || ' ' || t.xmin"
                            + " || ' ' || t::text, ';' ORDER BY t.ctid)), '') FROM "
                            + table
                            + " t")));
    return versions;
  }

  /** The number that a query returns; 0 while its table does not exist. */
  static long count(Postgres database, String query) {
    List<String> texts = texts(database, query);
    return texts.isEmpty() ? 0 : Long.parseLong(texts.get(0));
  }

  /** The first column of a query's rows as text; empty while its table does not exist. */
  static List<String> texts(Postgres database, String query) {
    List<String> texts = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        texts.add(String.valueOf(result.getString(1)));
      }
      return texts;
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        return List.of();
      }
      throw new AssertionError(query + ": " + e.getMessage(), e);
    }
  }

  private static String first(List<String> rows) {
    return rows.stream().findFirst().orElse("none");
  }

  private static String sum(Postgres database, String table, String row) {
    return texts(
            database,
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(r, ';' ORDER BY r COLLATE \"C\")),"
                + " '')"
                + " FROM (SELECT (%s)::text AS r FROM %s t) AS x".formatted(row, table))
        .toString();
  }

  private static List<String> rows(Postgres database, String table, String row) {
    return texts(
        database,
        "SELECT r FROM (SELECT (%s)::text AS r FROM %s t) AS x ORDER BY r COLLATE \"C\""
            .formatted(row, table));
  }

  private static Map<String, String> tables() {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("agent_execution_logs", "to_jsonb(t) - 'created_at' - 'updated_at'");
    tables.put("agent_execution_progress", "to_jsonb(t)");
    tables.put("agent_routing_decisions", "to_jsonb(t)");
    tables.put("agent_prompts", "to_jsonb(t)");
    tables.put("agent_prompt_texts", "to_jsonb(t) - 'last_seen_at'");
    tables.put("agent_file_operations", "to_jsonb(t)");
    tables.put("agent_intelligence_usage", "to_jsonb(t)");
    tables.put("agent_model_calls", "to_jsonb(t)");
    return tables;
  }
}

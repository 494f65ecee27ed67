package io.agentlog.postgres;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the catalog says of our tables, as {@link Schema} reads it; complete unless changed. */
final class CatalogRows {
  /** Parts that only one of the schema's queries has. */
  static final String COLUMNS = "format_type(";

  static final String CONSTRAINTS = "pg_get_constraintdef(";
  static final String UNIQUE = "indisprimary";

  private final List<Object[]> columns = new ArrayList<>();
  private final List<Object[]> unique = new ArrayList<>();

  /** All tables with the columns that migrations make. */
  static CatalogRows complete() {
    CatalogRows rows = new CatalogRows();
    for (TableInsert<?> insert : List.of(Tables.EXECUTIONS, Tables.PROGRESS, Tables.DECISIONS)) {
      for (Column<?> column : insert.columns()) {
        rows.with(insert.table(), column.name(), column.type(), false, false);
      }
    }
    rows.withUnique("agent_execution_logs", "execution_id", true)
        .withUnique("agent_execution_progress", "execution_id, seq", true)
        .withUnique("agent_routing_decisions", "id", true);
    for (String time : List.of("created_at", "updated_at")) {
      rows.with("agent_execution_logs", time, "timestamp with time zone", true, true);
    }
    for (String name : List.of("instance_id", "service", "since", "renewed_at", "lease_until")) {
      rows.with("agent_instances", name, "text", true, false);
    }
    return rows.with("agent_instances", "report", "jsonb", false, false);
  }

  /** Adds a column to a table. */
  CatalogRows with(String table, String name, String type, boolean notNull, boolean hasDefault) {
    columns.add(FakeDatabase.row(table, "r", name, type, notNull, hasDefault));
    return this;
  }

  /** Adds a unique index; one that is not usable is partial, say, or invalid. */
  CatalogRows withUnique(String table, String columns, boolean usable) {
    unique.add(FakeDatabase.row(table, "i", columns, "DROP INDEX i", false, usable));
    return this;
  }

  /** Removes a table's unique indexes. */
  CatalogRows withoutUnique(String table) {
    unique.removeIf(row -> row[0].equals(table));
    return this;
  }

  /** Removes a column. */
  CatalogRows without(String table, String name) {
    columns.removeIf(row -> row[0].equals(table) && row[2].equals(name));
    return this;
  }

  /** Puts another kind of relation, which has no columns, in the place of a table; null: none. */
  CatalogRows withKind(String table, String kind) {
    columns.removeIf(row -> row[0].equals(table));
    columns.add(FakeDatabase.row(table, kind, null, null, false, false));
    return this;
  }

  /** The rows of one read. */
  List<Object[]> rows() {
    return List.copyOf(columns);
  }

  /** Answers this, again and again, as often as a test may ask. */
  FakeDatabase in(FakeDatabase database) {
    Object[] answers = new Object[9];
    Arrays.fill(answers, rows());
    Object[] indexes = new Object[9];
    Arrays.fill(indexes, List.copyOf(unique));
    return database.on(COLUMNS, answers).on(UNIQUE, indexes);
  }
}

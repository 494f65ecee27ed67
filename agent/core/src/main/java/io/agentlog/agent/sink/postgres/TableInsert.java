package io.agentlog.agent.sink.postgres;

import static java.util.stream.Collectors.joining;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Inserts any number of rows by one statement whose text never changes: a parameter a column, each
 * an array. One plan, no limit of parameters, and values never become part of the text.
 *
 * @param table name in the search path
 * @param columns written by the statement, in its order
 * @param onConflict the rest of the statement
 * @param <T> what a row is made from
 */
record TableInsert<T>(String table, List<Column<T>> columns, String onConflict) {
  TableInsert {
    columns = List.copyOf(columns);
  }

  /** The statement; the target's alias is {@code t}. */
  String sql() {
    String names = columns.stream().map(Column::name).collect(joining(", "));
    String arrays = columns.stream().map(c -> "?::" + c.type() + "[]").collect(joining(", "));
    return "INSERT INTO %s AS t (%s)\nSELECT * FROM unnest(%s)\n%s"
        .formatted(table, names, arrays, onConflict);
  }

  /**
   * Inserts rows; nothing if there are none.
   *
   * @return rows inserted or changed
   */
  int execute(Connection connection, List<T> rows) throws SQLException {
    if (rows.isEmpty()) {
      return 0;
    }
    List<Array> arrays = new ArrayList<>(columns.size());
    try (PreparedStatement statement = connection.prepareStatement(sql())) {
      for (int i = 0; i < columns.size(); i++) {
        Array array = arrayOf(connection, columns.get(i), rows);
        arrays.add(array);
        statement.setArray(i + 1, array);
      }
      return statement.executeUpdate();
    } finally {
      for (Array array : arrays) {
        array.free();
      }
    }
  }

  private static <T> Array arrayOf(Connection connection, Column<T> column, List<T> rows)
      throws SQLException {
    @Nullable String[] values = new @Nullable String[rows.size()];
    for (int i = 0; i < values.length; i++) {
      Object value = column.value().apply(rows.get(i));
      values[i] = value == null ? null : value.toString();
    }
    return connection.createArrayOf(elementType(column.type()), values);
  }

  /** The type's name without modifiers, as the driver looks it up. */
  private static String elementType(String type) {
    return switch (type) {
      case "timestamp with time zone" -> "timestamptz";
      case "integer" -> "int4";
      case "bigint" -> "int8";
      case "smallint" -> "int2";
      case "boolean" -> "bool";
      default -> type.startsWith("numeric") ? "numeric" : type;
    };
  }
}

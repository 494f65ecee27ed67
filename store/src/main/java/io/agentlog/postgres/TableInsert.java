package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Inserts any number of rows by one statement whose text never changes, with one array for each
 * column as parameter. The server needs one plan, there is no limit on parameters, and values never
 * become part of the text.
 *
 * <p>Whole numbers are sent as arrays of their type, all other values as arrays of text that the
 * server casts. The driver sends both as they are, but an array of any other type as one literal,
 * in which each quote of a JSON document is escaped twice. A column without a value in any row is
 * an empty array, because {@code unnest} fills shorter arrays up with NULL.
 *
 * @param table name in the search path
 * @param columns written by the statement, in its order
 * @param onConflict the rest of the statement
 * @param <T> source of a row
 */
record TableInsert<T>(String table, List<Column<T>> columns, String onConflict) {
  TableInsert {
    columns = List.copyOf(columns);
  }

  /** Returns the statement for rows whose keys are new. */
  TableInsert<T> withoutMerge() {
    return new TableInsert<>(table, columns, "");
  }

  /** Returns the statement; the alias of its target is {@code t}. */
  String sql() {
    String names = columns.stream().map(Column::name).collect(joining(", "));
    String values =
        columns.stream().map(c -> "v." + c.name() + "::" + c.type()).collect(joining(", "));
    String arrays = columns.stream().map(c -> "?::" + elementType(c) + "[]").collect(joining(", "));
    return "INSERT INTO %s AS t (%s)\nSELECT %s\nFROM unnest(%s) AS v(%s)\n%s"
        .formatted(table, names, values, arrays, names, onConflict);
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
    @Nullable Object[] values = newArray(column, rows.size());
    boolean isEmpty = true;
    for (int i = 0; i < values.length; i++) {
      Object value = column.value().apply(rows.get(i));
      isEmpty &= value == null;
      values[i] = value == null ? null : element(column, value);
    }
    return connection.createArrayOf(elementType(column), isEmpty ? newArray(column, 0) : values);
  }

  private static String elementType(Column<?> column) {
    return switch (column.type()) {
      case "smallint" -> "int2";
      case "integer" -> "int4";
      case "bigint" -> "int8";
      default -> "text";
    };
  }

  private static @Nullable Object[] newArray(Column<?> column, int length) {
    return switch (column.type()) {
      case "smallint" -> new Short[length];
      case "integer" -> new Integer[length];
      case "bigint" -> new Long[length];
      default -> new String[length];
    };
  }

  private static Object element(Column<?> column, Object value) {
    return switch (column.type()) {
      case "smallint" -> ((Number) value).shortValue();
      case "integer" -> ((Number) value).intValue();
      case "bigint" -> ((Number) value).longValue();
      default -> value.toString();
    };
  }
}

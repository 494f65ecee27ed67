package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs statements with parameters of which some are arrays. */
final class Statements {
  private Statements() {}

  /** A parameter of a statement. */
  interface Parameter {
    void set(Connection connection, PreparedStatement statement, int index) throws SQLException;
  }

  /** Takes a row of a result. */
  interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  /** Returns how many rows were changed. */
  static int update(Connection connection, String sql, Parameter... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(connection, statement, parameters);
      return statement.executeUpdate();
    }
  }

  static void query(Connection connection, String sql, RowReader reader, Parameter... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(connection, statement, parameters);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }

  static Parameter value(Object value) {
    return (connection, statement, index) -> statement.setObject(index, value);
  }

  /** An array of a type of the server, with a value of each element. */
  static <E> Parameter array(
      String type, Collection<E> elements, Function<E, @Nullable Object> value) {
    @Nullable Object[] values = elements.stream().map(value).toArray();
    return (connection, statement, index) ->
        statement.setArray(index, connection.createArrayOf(type, values));
  }

  private static void set(
      Connection connection, PreparedStatement statement, Parameter... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      parameters[i].set(connection, statement, i + 1);
    }
  }
}

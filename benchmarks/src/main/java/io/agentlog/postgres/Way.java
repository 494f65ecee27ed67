package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** The ways of writing rows that {@link InsertWays} compares. */
enum Way {
  /** The sink's own way: one parameter for each column, an array of texts that the server casts. */
  TEXT_ARRAYS {
    @Override
    <T> void write(Connection connection, TableInsert<T> insert, List<T> rows) throws SQLException {
      insert.execute(connection, rows);
    }
  },

  /** The sink's way for rows known to be new, which shows the cost of the merge. */
  WITHOUT_MERGE {
    @Override
    <T> void write(Connection connection, TableInsert<T> insert, List<T> rows) throws SQLException {
      insert.withoutMerge().execute(connection, rows);
    }
  },

  /** The sink's way with arrays of the columns' types, which the driver sends as literals. */
  TYPED_ARRAYS {
    @Override
    <T> void write(Connection connection, TableInsert<T> insert, List<T> rows) throws SQLException {
      String sql =
          "INSERT INTO %s AS t (%s)\nSELECT * FROM unnest(%s)\n%s"
              .formatted(
                  insert.table(),
                  names(insert),
                  insert.columns().stream()
                      .map(column -> "?::" + column.type() + "[]")
                      .collect(joining(", ")),
                  insert.onConflict());
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        int parameter = 1;
        for (Column<T> column : insert.columns()) {
          Object[] values = rows.stream().map(row -> text(column, row)).toArray();
          Array array = connection.createArrayOf(elementType(column.type()), values);
          statement.setArray(parameter++, array);
        }
        statement.executeUpdate();
      }
    }

    private String elementType(String type) {
      return switch (type) {
        case "timestamp with time zone" -> "timestamptz";
        case "integer" -> "int4";
        case "bigint" -> "int8";
        case "smallint" -> "int2";
        default -> type.startsWith("numeric") ? "numeric" : type;
      };
    }
  },

  /** One statement for each row; the driver joins up to 128 of them into one. */
  REWRITTEN_BATCH {
    @Override
    <T> void write(Connection connection, TableInsert<T> insert, List<T> rows) throws SQLException {
      String sql =
          "INSERT INTO %s AS t (%s) VALUES (%s) %s"
              .formatted(
                  insert.table(),
                  names(insert),
                  insert.columns().stream().map(column -> "?").collect(joining(", ")),
                  insert.onConflict());
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (T row : rows) {
          int parameter = 1;
          for (Column<T> column : insert.columns()) {
            statement.setString(parameter++, text(column, row));
          }
          statement.addBatch();
        }
        statement.executeBatch();
      }
    }
  },

  /** A copy into a temporary table without indexes, then one statement that merges from there. */
  COPY_AND_MERGE {
    @Override
    void prepare(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        for (String table : List.of(Tables.EXECUTIONS.table(), Tables.PROGRESS.table())) {
          statement.execute(
              "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_%1$s (LIKE %1$s INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
                  .formatted(table));
        }
      }
    }

    @Override
    <T> void write(Connection connection, TableInsert<T> insert, List<T> rows) throws SQLException {
      StringBuilder text = new StringBuilder(rows.size() * 1_500);
      for (T row : rows) {
        for (Column<T> column : insert.columns()) {
          escape(text, text(column, row));
          text.append('\t');
        }
        text.setCharAt(text.length() - 1, '\n');
      }
      String staging = "incoming_" + insert.table();
      try (Statement statement = connection.createStatement()) {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY %s (%s) FROM STDIN".formatted(staging, names(insert)),
                new StringReader(text.toString()));
        statement.executeUpdate(
            "INSERT INTO %1$s AS t (%2$s) SELECT %2$s FROM %3$s %4$s"
                .formatted(insert.table(), names(insert), staging, insert.onConflict()));
      } catch (IOException e) {
        throw new SQLException(e);
      }
    }

    private void escape(StringBuilder out, @Nullable String value) {
      if (value == null) {
        out.append("\\N");
        return;
      }
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        switch (c) {
          case '\\' -> out.append("\\\\");
          case '\n' -> out.append("\\n");
          case '\r' -> out.append("\\r");
          case '\t' -> out.append("\\t");
          default -> out.append(c);
        }
      }
    }
  };

  /** Runs once before a measurement. */
  void prepare(Connection connection) throws SQLException {}

  abstract <T> void write(Connection connection, TableInsert<T> insert, List<T> rows)
      throws SQLException;

  private static <T> String names(TableInsert<T> insert) {
    return insert.columns().stream().map(Column::name).collect(joining(", "));
  }

  private static <T> @Nullable String text(Column<T> column, T row) {
    Object value = column.value().apply(row);
    return value == null ? null : value.toString();
  }
}

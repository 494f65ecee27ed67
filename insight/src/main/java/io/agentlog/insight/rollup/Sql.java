package io.agentlog.insight.rollup;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs statements of a transaction. Thread-safe. */
public final class Sql {
  private static final int FETCHED_MAX = 500;

  private Sql() {}

  /** Makes an object of a row. */
  @FunctionalInterface
  public interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /**
   * Runs a query.
   *
   * @param parameters times, lists (arrays of text), and what the driver takes
   */
  public static <T> List<T> list(
      Transaction tx, String sql, Row<T> row, @Nullable Object... parameters) throws SQLException {
    try (PreparedStatement statement = bound(tx, sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      List<T> list = new ArrayList<>();
      while (rows.next()) {
        list.add(row.of(rows));
      }
      return list;
    }
  }

  /** Takes a row. */
  @FunctionalInterface
  interface Taker {
    void take(ResultSet row) throws SQLException;
  }

  /** Runs a query whose rows need not fit into the memory. */
  static void each(Transaction tx, String sql, Taker taker, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = bound(tx, sql, parameters)) {
      statement.setFetchSize(FETCHED_MAX);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          taker.take(rows);
        }
      }
    }
  }

  /** Runs a statement and returns the time in the first column of its first row; null if none. */
  public static @Nullable Instant firstTime(
      Transaction tx, String sql, @Nullable Object... parameters) throws SQLException {
    try (PreparedStatement statement = bound(tx, sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      return rows.next() ? time(rows, 1) : null;
    }
  }

  /** Runs a statement and returns how many rows it changed. */
  public static int update(Transaction tx, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = bound(tx, sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  /** Returns the time in a column; null if there is none. */
  public static @Nullable Instant time(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static PreparedStatement bound(Transaction tx, String sql, @Nullable Object... parameters)
      throws SQLException {
    PreparedStatement statement = tx.prepare(sql);
    try {
      for (int i = 0; i < parameters.length; i++) {
        Object value = parameters[i];
        if (value instanceof Instant time) {
          statement.setObject(i + 1, time.atOffset(ZoneOffset.UTC));
        } else if (value instanceof Collection<?> list) {
          Object[] texts = list.stream().map(String::valueOf).toArray();
          statement.setArray(i + 1, statement.getConnection().createArrayOf("text", texts));
        } else {
          statement.setObject(i + 1, value);
        }
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }
}

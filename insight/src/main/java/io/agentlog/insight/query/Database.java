package io.agentlog.insight.query;

import io.agentlog.insight.page.Times;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs the statements of the pages. Thread-safe. */
public final class Database implements AutoCloseable {
  private final ReadConnections connections;
  private final AtomicLong statements = new AtomicLong();

  public Database(ReadConnections connections) {
    this.connections = connections;
  }

  /**
   * Makes the first connection of a command, which may take longer than that of a page.
   *
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  public void connect() throws SinkUnavailableException {
    connections.connect();
  }

  /** Makes an object of a row. */
  @FunctionalInterface
  public interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** Returns the database's address, without secrets. */
  public String place() {
    return connections.place();
  }

  /** Returns how many statements were run since the start. */
  public long statementCount() {
    return statements.get();
  }

  /**
   * Runs a statement and returns its rows.
   *
   * @param parameters texts, numbers, UUIDs, times, arrays of text or null
   * @throws SinkUnavailableException if the database can't be read or takes too long; the message
   *     says what to do
   */
  public <T> List<T> list(String sql, Row<T> row, @Nullable Object... parameters)
      throws SinkUnavailableException {
    statements.incrementAndGet();
    try (ReadConnections.Reading reading = connections.begin();
        PreparedStatement statement = reading.prepare(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        Object value = parameters[i];
        statement.setObject(
            i + 1, value instanceof Instant time ? time.atOffset(ZoneOffset.UTC) : value);
      }
      List<T> list = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          list.add(row.of(rows));
        }
      }
      return list;
    } catch (SQLException e) {
      throw connections.outage(e);
    }
  }

  /** Returns why the database can't be read; null if it can. */
  public @Nullable String problem() {
    try {
      list("SELECT 1", row -> 1);
      return null;
    } catch (SinkUnavailableException e) {
      return e.getMessage();
    }
  }

  /**
   * Returns a time of a row; null if there is none, and for those outside the years 1 to 9999, such
   * as {@code infinity}, which another logger may use as marks.
   */
  static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime read = row.getObject(column, OffsetDateTime.class);
    Instant time = read == null ? null : read.toInstant();
    return time == null || !Times.isUsual(time) ? null : time;
  }

  /** Returns an ID of a row; null if there is none. */
  static @Nullable UUID id(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  /** Returns a number of a row; null if there is none. */
  static @Nullable Double decimal(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? null : value;
  }

  @Override
  public void close() {
    connections.close();
  }
}

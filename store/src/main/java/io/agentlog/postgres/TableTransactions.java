package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Transactions of a program that keeps tables of its own beside agentlog's. All statements of a
 * transaction see the same rows. Whatever a transaction sets ends with it, so that a pooler may
 * lend each transaction another session.
 *
 * <p>Not thread-safe: one transaction at a time.
 */
public final class TableTransactions implements AutoCloseable {
  /** The driver waits for an answer so much longer than the server may take for it. */
  private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(5);

  private final PostgresTarget target;
  private final String name;
  private final ConnectionPool pool;

  /**
   * Does no I/O.
   *
   * @param config names the database
   * @param name of the program, for the server's list of sessions; letters and dashes
   */
  public TableTransactions(Config config, String name) {
    this.target = PostgresTarget.of(config);
    this.name = name;
    this.pool = new ConnectionPool(target);
  }

  /** Returns the database, without secrets. */
  public String place() {
    return target.toString();
  }

  /** Returns the user that logs in, as SQL writes it. */
  public String user() {
    return SqlStates.quoted(target.user());
  }

  /** Says what a failed statement means for whoever runs the program. */
  public SinkUnavailableException outage(SQLException e) {
    return SqlStates.outage(e, target, false);
  }

  /**
   * Begins a transaction.
   *
   * @param statementMax the server ends a statement that takes longer
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  public Transaction begin(Duration statementMax) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    try {
      return begin(pool.borrow(), statementMax.toMillis());
    } catch (SQLException e) {
      throw outage(e);
    }
  }

  private Transaction begin(Connection connection, long millis) throws SQLException {
    boolean begun = false;
    try (Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(millis + PATIENCE_MILLIS));
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      Home home = Home.find(connection);
      if (home.schema() == null) {
        throw new SQLException("no schema has been selected to use", "3F000");
      }
      // An index serves each statement, but the server can't estimate ranges that are parameters.
      statement.execute(
          "SET LOCAL enable_seqscan = off; SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL jit = off; SET LOCAL TimeZone = 'UTC'; SET LOCAL application_name = '%s'; SET LOCAL statement_timeout = %s; SET LOCAL lock_timeout = %s"
              .formatted(name, millis, millis));
      begun = true;
      return new Transaction(connection, SqlStates.quoted(requireNonNull(home.schema())));
    } finally {
      if (!begun) {
        connection.close();
      }
    }
  }

  @Override
  public void close() {
    pool.close();
  }

  /** A transaction; {@link #close} rolls back what was not committed. */
  public static final class Transaction implements AutoCloseable {
    private final Connection connection;
    private final String schema;

    private Transaction(Connection connection, String schema) {
      this.connection = connection;
      this.schema = schema;
    }

    /** Returns the schema of the tables, as SQL writes it. */
    public String schema() {
      return schema;
    }

    /** Returns the server's major version, such as 18. */
    public int serverVersion() throws SQLException {
      return connection.getMetaData().getDatabaseMajorVersion();
    }

    /** Prepares a statement that names the tables without their schema, and everything else. */
    public PreparedStatement prepare(String sql) throws SQLException {
      return connection.prepareStatement(TableNames.qualified(sql, schema));
    }

    public void commit() throws SQLException {
      connection.commit();
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}

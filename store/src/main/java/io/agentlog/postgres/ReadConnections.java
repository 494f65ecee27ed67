package io.agentlog.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentlog.config.Config;
import io.agentlog.log.slf4j.LibraryLogs;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connections of a program that only reads the tables. The server refuses a write and ends a
 * statement that takes too long. Nothing is opened before the first {@link #begin}.
 *
 * <p>Thread-safe.
 */
public final class ReadConnections implements AutoCloseable {
  private static final long CONNECTION_TIMEOUT_MILLIS = 3_000;
  private static final long VALIDATION_TIMEOUT_MILLIS = 2_000;
  private static final long IDLE_TIMEOUT_MILLIS = 60_000;

  /** Waits of {@link #CONNECTION_TIMEOUT_MILLIS} for the first connection of a command. */
  private static final int CONNECT_ATTEMPTS = 5;

  private final PostgresTarget target;
  private final HikariDataSource pool;
  private final String limits;

  /** Schema of the tables, as SQL writes it; found again after an error. */
  private volatile @Nullable String schema;

  /**
   * @param config names the database
   * @param name of the program, for the server's list of sessions; letters and dashes
   * @param connectionsMax connections at the same time; more readers wait
   */
  public ReadConnections(Config config, String name, int connectionsMax, Duration statementMax) {
    this.target = PostgresTarget.of(config);
    this.limits =
        "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL application_name = '%1$s'; SET LOCAL statement_timeout = %2$s; SET LOCAL lock_timeout = %2$s"
            .formatted(name, statementMax.toMillis());
    LibraryLogs.initialize();
    HikariConfig settings = new HikariConfig();
    settings.setPoolName(name);
    settings.setDataSource(new AgentDataSource(target));
    settings.setMaximumPoolSize(connectionsMax);
    settings.setMinimumIdle(0);
    settings.setIdleTimeout(IDLE_TIMEOUT_MILLIS);
    settings.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    settings.setValidationTimeout(VALIDATION_TIMEOUT_MILLIS);
    settings.setInitializationFailTimeout(-1);
    settings.setRegisterMbeans(false);
    settings.setAutoCommit(false);
    settings.setReadOnly(true); // Each transaction begins as one that only reads.
    AtomicInteger count = new AtomicInteger();
    settings.setThreadFactory(
        task -> AgentThreads.daemon(name + "-postgres-" + count.incrementAndGet(), task));
    this.pool = new HikariDataSource(settings);
  }

  /** Returns the database that is read, without secrets. */
  public String place() {
    return target.toString();
  }

  /** A transaction that can't write; {@link #close} ends it. One thread. */
  public static final class Reading implements AutoCloseable {
    private final Connection connection;
    private final String schema;

    private Reading(Connection connection, String schema) {
      this.connection = connection;
      this.schema = schema;
    }

    /** Prepares a statement that names our tables without their schema. */
    public PreparedStatement prepare(String sql) throws SQLException {
      return connection.prepareStatement(TableNames.qualified(sql, schema));
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /**
   * Begins a transaction. Whatever it sets ends with it, because a pooler may lend the server's
   * session to the agent next. No schema is searched but {@code pg_catalog}, so that nobody's
   * function is called instead of the server's.
   *
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  public Reading begin() throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    Connection connection = null;
    try {
      connection = pool.getConnection();
      String known = schema;
      known = known == null ? find(connection) : known;
      schema = known;
      try (Statement statement = connection.createStatement()) {
        statement.execute(limits);
      }
      return new Reading(connection, known);
    } catch (SQLException e) {
      giveBack(connection, e);
      throw outage(e);
    }
  }

  /**
   * Makes the first connection of a command, which has nobody who would try again as a page has: on
   * a busy machine that takes longer than a page may. Waits as long as it is being made and has not
   * failed.
   *
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  public void connect() throws SinkUnavailableException {
    for (int attempt = 1; ; attempt++) {
      try {
        begin().close();
        return;
      } catch (SinkUnavailableException e) {
        boolean isPending =
            e.getCause() instanceof SQLTransientConnectionException late && late.getCause() == null;
        if (!isPending || attempt == CONNECT_ATTEMPTS) {
          throw e;
        }
      } catch (SQLException e) {
        throw outage(e);
      }
    }
  }

  private static String find(Connection connection) throws SQLException {
    String found = Home.find(connection).schema();
    if (found == null) {
      throw new SQLException("no schema has been selected to use", "3F000");
    }
    return SqlStates.quoted(found);
  }

  private static void giveBack(@Nullable Connection connection, SQLException cause) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Says what a failed statement means for whoever runs the program. */
  public SinkUnavailableException outage(SQLException e) {
    schema = null; // The tables may have been made, or moved.
    return ReadErrors.outage(e, target);
  }

  @Override
  public void close() {
    pool.close();
  }
}

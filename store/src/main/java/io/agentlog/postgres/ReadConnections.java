package io.agentlog.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentlog.config.Config;
import io.agentlog.log.slf4j.LibraryLogs;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections of a program that only reads the tables. The server refuses a write and ends a
 * statement that takes too long. Nothing is opened before the first {@link #borrow}.
 *
 * <p>Thread-safe.
 */
public final class ReadConnections implements AutoCloseable {
  private static final long CONNECTION_TIMEOUT_MILLIS = 3_000;
  private static final long VALIDATION_TIMEOUT_MILLIS = 2_000;
  private static final long IDLE_TIMEOUT_MILLIS = 60_000;

  private final PostgresTarget target;
  private final HikariDataSource pool;

  /**
   * @param config names the database
   * @param name of the program, for the server's list of sessions; letters and dashes
   * @param connectionsMax connections at the same time; more readers wait
   */
  public ReadConnections(Config config, String name, int connectionsMax, Duration statementMax) {
    this.target = PostgresTarget.of(config);
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
    settings.setReadOnly(true);
    settings.setConnectionInitSql(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET default_transaction_read_only = on;"
            + " SET application_name = '%s'; SET statement_timeout = %s; SET lock_timeout = %s"
                .formatted(name, statementMax.toMillis(), statementMax.toMillis()));
    AtomicInteger count = new AtomicInteger();
    settings.setThreadFactory(
        task -> AgentThreads.daemon(name + "-postgres-" + count.incrementAndGet(), task));
    this.pool = new HikariDataSource(settings);
  }

  /** Returns the database that is read, without secrets. */
  public String place() {
    return target.toString();
  }

  /**
   * Returns a connection in auto-commit; its {@code close()} gives it back.
   *
   * @throws SinkUnavailableException if there is none; the message says what to do
   */
  public Connection borrow() throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    try {
      return pool.getConnection();
    } catch (SQLException e) {
      throw outage(e);
    }
  }

  /** Says what a failed statement means for whoever runs the program. */
  public SinkUnavailableException outage(SQLException e) {
    return ReadErrors.outage(e, target);
  }

  @Override
  public void close() {
    pool.close();
  }
}

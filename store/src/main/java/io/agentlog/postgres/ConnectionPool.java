package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentlog.log.AgentThreads;
import io.agentlog.log.slf4j.LibraryLogs;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connections of our own: one, and a second while batches are large. A JVM that also delivers the
 * journal of a dead one has another pool for as long. The pool and its daemon threads start with
 * the first {@link #borrow}. It never fails for a database that is down: it connects when asked.
 * One that was given up is closed beside its successor, so for a moment the server may see one
 * more.
 *
 * <p>Not thread-safe: the sink's thread alone.
 */
final class ConnectionPool implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 2;
  private static final long CONNECTION_TIMEOUT_MILLIS = 5_000;
  private static final long VALIDATION_TIMEOUT_MILLIS = 3_000;

  /** The second goes back to the server after that; the first is in use more often than that. */
  private static final long IDLE_TIMEOUT_MILLIS = 60_000;

  private final PostgresTarget target;
  private @Nullable HikariDataSource pool;

  ConnectionPool(PostgresTarget target) {
    this.target = target;
  }

  /** A live connection, not in auto-commit; {@code close()} rolls back and returns it. */
  Connection borrow() throws SQLException {
    if (pool == null) {
      pool = open();
    }
    try {
      return pool.getConnection();
    } catch (SQLTransientConnectionException e) {
      if (pool.getHikariPoolMXBean().getActiveConnections() > 0) {
        discard(); // Lent to nobody: handing it out had failed half-way.
      }
      throw e;
    }
  }

  /** As {@link #borrow}, while the connection that it gave is in use. */
  Connection borrowSecond() throws SQLException {
    return requireNonNull(pool, "the first is borrowed").getConnection();
  }

  /** Has the next {@link #borrow} begin afresh, after an error that the pool may not survive. */
  void discard() {
    HikariDataSource broken = pool;
    pool = null;
    if (broken != null) {
      broken.close();
    }
  }

  /** Has a borrowed connection closed instead of returned to the pool. */
  void evict(Connection connection) {
    if (pool != null) {
      pool.evictConnection(connection);
    }
  }

  @Override
  public void close() {
    discard();
  }

  private HikariDataSource open() {
    LibraryLogs.initialize();
    HikariConfig config = new HikariConfig();
    config.setPoolName("agentlog");
    config.setDataSource(new AgentDataSource(target));
    config.setIdleTimeout(IDLE_TIMEOUT_MILLIS);
    config.setMaximumPoolSize(CONNECTIONS_MAX);
    config.setMinimumIdle(
        0); // With a minimum the pool would try on its own while a database is down.
    config.setAutoCommit(false);
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    config.setValidationTimeout(VALIDATION_TIMEOUT_MILLIS);
    config.setInitializationFailTimeout(-1);
    config.setRegisterMbeans(false);
    AtomicInteger count = new AtomicInteger();
    config.setThreadFactory(
        task -> AgentThreads.daemon("agentlog-postgres-" + count.incrementAndGet(), task));
    return new HikariDataSource(config);
  }
}

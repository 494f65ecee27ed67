package io.agentlog.agent.sink.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentlog.agent.ops.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection of our own: the sink's thread is the only one that asks, so a second would never
 * be used. A JVM that also delivers the journal of a dead one has a second pool, so two in all. The
 * pool and its daemon threads start with the first {@link #borrow}. It never fails for a database
 * that is down: it connects when asked. One that was given up is closed beside its successor, so
 * for a moment the server may see one more.
 *
 * <p>Not thread-safe: the sink's thread alone.
 */
final class ConnectionPool implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 1;
  private static final long CONNECTION_TIMEOUT_MILLIS = 5_000;
  private static final long VALIDATION_TIMEOUT_MILLIS = 3_000;

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
    HikariConfig config = new HikariConfig();
    config.setPoolName("agentlog");
    config.setDataSource(new AgentDataSource(target));
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

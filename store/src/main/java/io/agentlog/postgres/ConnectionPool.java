package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentlog.log.slf4j.LibraryLogs;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Holds the sink's connections: one, and a second while batches are large. A JVM that also delivers
 * the journal of a dead one has another pool meanwhile. The pool and its daemon threads start with
 * the first {@link #borrow}, even if the database is down. The pool closes a broken connection
 * while it opens the next, so the server may see one more for a moment. While a standby is away a
 * broken connection's session waits for it, and the next is not lent: {@link StandbyWait}.
 *
 * <p>Not thread-safe: belongs to the sink's thread.
 */
final class ConnectionPool implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 2;
  private static final long CONNECTION_TIMEOUT_MILLIS = 5_000;
  private static final long VALIDATION_TIMEOUT_MILLIS = 3_000;

  /** Idle time after which the second connection is closed; the first is never idle that long. */
  private static final long IDLE_TIMEOUT_MILLIS = 60_000;

  private final PostgresTarget target;
  private @Nullable HikariDataSource pool;

  /** Server processes of the last connections over which nothing waited for a standby. */
  private final Deque<Integer> lookedAt = new ArrayDeque<>();

  ConnectionPool(PostgresTarget target) {
    this.target = target;
  }

  /**
   * Returns a live connection, not in auto-commit; its {@code close()} rolls back and returns it to
   * the pool.
   */
  Connection borrow() throws SQLException {
    if (pool == null) {
      pool = open();
    }
    try {
      return lookedAt(pool.getConnection());
    } catch (StandbyWait.CommitWaitsException e) {
      throw e;
    } catch (SQLTransientConnectionException e) {
      if (pool.getHikariPoolMXBean().getActiveConnections() > 0) {
        discard(); // A connection counts as lent although an earlier borrow failed half-way.
      }
      throw e;
    }
  }

  /** Returns a second connection while the first is borrowed; see {@link #borrow}. */
  Connection borrowSecond() throws SQLException {
    return lookedAt(requireNonNull(pool, "the first is borrowed").getConnection());
  }

  /** Looks, once for each connection, whether a commit over an earlier one still waits. */
  private Connection lookedAt(Connection connection) throws SQLException {
    try {
      int process = connection.unwrap(PGConnection.class).getBackendPID();
      if (!lookedAt.contains(process)) {
        StandbyWait.refuse(connection);
        lookedAt.addLast(process);
        if (lookedAt.size() > CONNECTIONS_MAX) {
          lookedAt.removeFirst();
        }
      }
      return connection;
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Closes the pool after an error that it may not survive; the next {@link #borrow} opens a new
   * one.
   */
  void discard() {
    HikariDataSource broken = pool;
    pool = null;
    if (broken != null) {
      broken.close();
    }
  }

  /**
   * Closes a borrowed connection to a read-only server instead of returning it to the pool: after a
   * failover the next may reach the new primary.
   */
  void evictIfReadOnly(Connection connection, SQLException e) {
    if (pool != null && SqlStates.isReadOnly(e)) {
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
    // With a minimum the pool would try on its own while a database is down.
    config.setMinimumIdle(0);
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

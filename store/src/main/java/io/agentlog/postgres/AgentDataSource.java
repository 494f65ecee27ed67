package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Connections straight from the driver. {@code DriverManager} and the driver's own data sources,
 * which call it, are never used: initialising it early hides the application's drivers from it.
 *
 * <p>After a refused log-in it answers with the same refusal for {@link #LOGIN_RETRY_DELAY} and
 * leaves the server alone: the pool tries several times a second, which locks accounts.
 *
 * <p>Behind a pooler that lends server connections by the transaction, a statement that the driver
 * has prepared may be missing, or be another's under the same name, so there nothing is prepared
 * unless {@code prepareThreshold} is set. A pooler is known by the process that answers: it is not
 * the one that the log-in named.
 *
 * <p>Thread-safe.
 */
final class AgentDataSource implements DataSource {
  static final Duration LOGIN_RETRY_DELAY = Duration.ofSeconds(30);

  private static final int CLOSE_TIMEOUT_SECONDS = 1;
  private static final int NEVER_PREPARED = 0;

  private final PostgresTarget target;
  private volatile @Nullable LoginRefusal refusal;

  AgentDataSource(PostgresTarget target) {
    this.target = target;
  }

  @Override
  public Connection getConnection() throws SQLException {
    LoginRefusal last = refusal;
    if (last != null && System.nanoTime() - last.nanos < LOGIN_RETRY_DELAY.toNanos()) {
      throw last.again();
    }
    try {
      // The driver hands out null only for an URL that is not its own; the target's always is.
      Connection connection =
          requireNonNull(LoadedDriver.DRIVER.connect(target.url(), target.properties()));
      refusal = null;
      return prepared(connection);
    } catch (SQLException e) {
      refusal = SqlStates.isLoginRefusal(e) ? new LoginRefusal(e, System.nanoTime()) : null;
      throw e;
    }
  }

  private Connection prepared(Connection connection) throws SQLException {
    if (target.isPrepareThresholdSet()) {
      return connection;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      PGConnection driver = connection.unwrap(PGConnection.class);
      if (row.getInt(1) != driver.getBackendPID()) {
        driver.setPrepareThreshold(NEVER_PREPARED);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The log-in is the target's. */
  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  /** Has no effect: the target's properties bound the log-in. */
  @Override
  public void setLoginTimeout(int seconds) {}

  /** How long the pool, when it closes, waits for its attempts to connect. */
  @Override
  public int getLoginTimeout() {
    return CLOSE_TIMEOUT_SECONDS;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("java.util.logging is the application's");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  /** Loads the driver with the first connection, not with this class. */
  private static final class LoadedDriver {
    static final Driver DRIVER = new org.postgresql.Driver();
  }

  private record LoginRefusal(SQLException cause, long nanos) {
    SQLException again() {
      return new SQLException(cause.getMessage(), cause.getSQLState(), cause);
    }
  }
}

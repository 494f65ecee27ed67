package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Opens connections straight from the driver. Never uses {@code DriverManager}, nor the driver's
 * own data sources, which call it, because initialising it early hides the application's drivers.
 *
 * <p>After a refused log-in this class repeats the refusal for {@link #LOGIN_RETRY_DELAY} without
 * asking the server, because the pool tries several times a second, which locks accounts.
 *
 * <p>A pooler may lend server connections for one transaction each. A prepared statement may then
 * be missing, or another client's may have its name, so behind a pooler nothing is prepared unless
 * {@code prepareThreshold} is set. A pooler is recognised because the server process that answers
 * is not the one that the log-in named.
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
      // The driver returns null only for another driver's URL, which the target never has.
      Connection connection =
          requireNonNull(LoadedDriver.DRIVER.connect(target.url(), target.properties()));
      refusal = null;
      return prepared(connection);
    } catch (SQLException e) {
      refusal = SqlStates.isLoginRefusal(e) ? new LoginRefusal(e, System.nanoTime()) : null;
      throw e;
    }
  }

  /** Looks at the session once: a pooler's is left as it is, because others use it too. */
  private Connection prepared(Connection connection) throws SQLException {
    try {
      Home home = Home.find(connection);
      PGConnection driver = connection.unwrap(PGConnection.class);
      if (home.serverProcess() == driver.getBackendPID()) {
        home.enter(connection);
      } else if (!target.isPrepareThresholdSet()) {
        driver.setPrepareThreshold(NEVER_PREPARED);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Ignores user and password: the target holds the log-in. */
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

  /** Does nothing, because the target's properties limit the log-in. */
  @Override
  public void setLoginTimeout(int seconds) {}

  /** Returns how long a closing pool waits for its attempts to connect. */
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
    throw new SQLException("this data source wraps no other");
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

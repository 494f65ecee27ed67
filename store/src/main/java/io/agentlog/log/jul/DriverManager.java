package io.agentlog.log.jul;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for {@code java.sql.DriverManager}: knows no driver, so that the application never sees
 * the agent's own.
 */
@SuppressWarnings("DoNotCallSuggester") // Libraries refer to methods that always throw here.
public final class DriverManager {
  private DriverManager() {}

  public static void registerDriver(Driver driver) {
    // The agent calls its driver directly.
  }

  public static void deregisterDriver(Driver driver) {
    // No driver is registered.
  }

  public static Enumeration<Driver> getDrivers() {
    return Collections.emptyEnumeration();
  }

  public static Driver getDriver(String url) throws SQLException {
    throw noDriver();
  }

  public static Connection getConnection(
      String url, @Nullable String user, @Nullable String password) throws SQLException {
    throw noDriver();
  }

  public static int getLoginTimeout() {
    return 0; // No limit, as in the original; the agent sets its own on the connection.
  }

  public static void setLoginTimeout(int seconds) {
    // Ignored, because the original sets it for the whole process.
  }

  private static SQLException noDriver() {
    return new SQLException("agentlog connects through its own DataSource only", "08001");
  }
}

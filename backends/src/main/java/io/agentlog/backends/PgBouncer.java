package io.agentlog.backends;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A real PgBouncer before a server. It lends a client a server connection for one transaction. The
 * program comes from the path of this machine, because no Maven artifact has it.
 */
public final class PgBouncer implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(20);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);
  private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/usr/local/bin");

  private final TempDirectory directory;
  private final ServerProcess process;
  private final Postgres server;
  private final int port;

  private PgBouncer(TempDirectory directory, ServerProcess process, Postgres server, int port) {
    this.directory = directory;
    this.process = process;
    this.server = server;
    this.port = port;
  }

  /** Whether the program is installed. */
  public static boolean isInstalled() {
    return program().isPresent();
  }

  /**
   * Starts a PgBouncer before a server.
   *
   * @param connectionCount number of server connections that all clients share
   */
  public static PgBouncer before(Postgres server, int connectionCount) {
    Path program =
        program()
            .orElseThrow(() -> new BackendException("pgbouncer is not on the path; install it"));
    UnprivilegedUser user = UnprivilegedUser.find();
    try {
      TempDirectory directory = TempDirectory.create(user.workDirectory(), "pgbouncer-");
      int port = Ports.free();
      Path users = directory.path().resolve("users");
      Files.writeString(
          users,
          "\"%s\" \"%s\"\n".formatted(server.user(), server.password()),
          StandardCharsets.UTF_8);
      Path settings = directory.path().resolve("pgbouncer.ini");
      Files.writeString(
          settings,
          """
          [databases]
          * = host=%s port=%d
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          unix_socket_dir =
          auth_type = scram-sha-256
          auth_file = %s
          pool_mode = transaction
          default_pool_size = %d
          ignore_startup_parameters = extra_float_digits
          """
              .formatted(server.host(), server.port(), port, users, connectionCount),
          StandardCharsets.UTF_8);
      user.give(directory.path());
      user.give(users);
      user.give(settings);
      List<String> command = user.run(program, settings.toString());
      Path log = directory.path().resolve("log");
      PgBouncer pooler =
          OpenServers.addStarted(
              () ->
                  new PgBouncer(
                      directory,
                      ServerProcess.start(command, directory.path(), log),
                      server,
                      port));
      if (!pooler.process.awaitReady(START_DEADLINE, () -> Ports.accepts(port))) {
        String said = ServerProcess.tail(log);
        pooler.close();
        throw new BackendException("PgBouncer did not start" + said);
      }
      return pooler;
    } catch (IOException e) {
      throw new BackendException("can't prepare PgBouncer: " + e, e);
    }
  }

  /** The URL of the server's database through the pooler, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + server.database();
  }

  @Override
  public void close() {
    process.end("INT", STOP_DEADLINE);
    directory.close();
    OpenServers.remove(this);
  }

  private static Optional<Path> program() {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)),
            DIRECTORIES.stream())
        .map(directory -> Path.of(directory, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}

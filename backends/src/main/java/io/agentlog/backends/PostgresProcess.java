package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A server as a child process of this JVM. */
final class PostgresProcess implements PostgresServer {
  private static final Duration INITIALISE_DEADLINE = Duration.ofSeconds(60);
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

  private final TempDirectory directory;
  private final Path root;
  private final Path data;
  private final Path log;
  private final Path programs;
  private final UnprivilegedUser user;
  private final int port = Ports.free();
  private final String password = UUID.randomUUID().toString();
  private @Nullable ServerProcess process;
  private boolean closed;

  private PostgresProcess(TempDirectory directory, Path programs, UnprivilegedUser user) {
    this.directory = directory;
    this.root = directory.path();
    this.data = root.resolve("data");
    this.log = root.resolve("log");
    this.programs = programs;
    this.user = user;
  }

  /** Initialises a fresh server and starts it. */
  static PostgresProcess startNew() {
    return startNew(PostgresPrograms::unpackedIn);
  }

  /** Initialises and starts a fresh server with the programs of a jar. */
  static PostgresProcess startNew(Path jar) {
    return startNew(parent -> PostgresPrograms.unpackedIn(parent, jar));
  }

  private static PostgresProcess startNew(UnaryOperator<Path> programs) {
    UnprivilegedUser user = UnprivilegedUser.find();
    try {
      TempDirectory root = TempDirectory.create(user.workDirectory(), "postgres-");
      PostgresProcess server =
          new PostgresProcess(root, programs.apply(user.workDirectory()), user);
      try {
        OpenServers.add(server);
        user.give(root.path());
        server.initialise();
        server.start();
        return server;
      } catch (IOException | RuntimeException | Error e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BackendException("can't prepare PostgreSQL: " + e, e);
    }
  }

  @Override
  public String host() {
    return "127.0.0.1";
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String firstDatabase() {
    return "postgres";
  }

  @Override
  public String user() {
    return "postgres";
  }

  @Override
  public String password() {
    return password;
  }

  @Override
  public boolean isOwned() {
    return true;
  }

  @Override
  public synchronized void start() {
    if (closed || (process != null && process.isAlive())) {
      throw new IllegalStateException(closed ? "closed" : "PostgreSQL is running");
    }
    ServerProcess started =
        ServerProcess.start(
            program(
                "postgres",
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                // SIGKILL would leave sockets and the shared memory of parallel queries behind.
                "-c",
                "unix_socket_directories=",
                "-c",
                "dynamic_shared_memory_type=mmap",
                "-c",
                "timezone=UTC"),
            root,
            log);
    process = started;
    if (!Wait.until(START_DEADLINE, () -> !started.isAlive() || Postgres.takesConnections(this))
        || !started.isAlive()) {
      started.kill();
      throw new BackendException(
          "PostgreSQL did not start on port " + port + ServerProcess.tail(log));
    }
  }

  @Override
  public synchronized void stop() {
    if (process != null) {
      process.end("INT", STOP_DEADLINE);
    }
  }

  @Override
  public synchronized void kill() {
    if (process != null) {
      process.kill();
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stop();
    removeSharedMemory();
    directory.close();
    OpenServers.remove(this);
  }

  /** Writes a file into the data directory; only the server can read it. */
  synchronized void put(String name, String text) {
    try {
      Path file = data.resolve(name);
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text, StandardCharsets.UTF_8);
      user.give(file);
    } catch (IOException e) {
      throw new BackendException("can't write " + name + ": " + e, e);
    }
  }

  private synchronized void initialise() throws IOException {
    if (closed) {
      throw new BackendException("this JVM is shutting down");
    }
    Path passwordFile = root.resolve("password");
    Files.writeString(passwordFile, password, StandardCharsets.UTF_8);
    ServerProcess.run(
        "PostgreSQL's initdb",
        program(
            "initdb",
            "-D",
            data.toString(),
            "-U",
            user(),
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--pwfile=" + passwordFile,
            "--no-sync"),
        root,
        log,
        INITIALISE_DEADLINE);
    Files.delete(passwordFile);
  }

  private List<String> program(String name, String... arguments) {
    List<String> command = new ArrayList<>(user.command());
    command.add(programs.resolve("bin").resolve(name).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Removes the small segment of shared memory that a killed server leaves; its pid file names it.
   */
  private void removeSharedMemory() {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    try {
      List<String> lines = Files.readAllLines(pidFile, StandardCharsets.UTF_8);
      String[] keyAndId = lines.size() > 6 ? lines.get(6).trim().split(" +", -1) : new String[0];
      if (keyAndId.length == 2) {
        ServerProcess.run("ipcrm", List.of("ipcrm", "-m", keyAndId[1]), root, log, STOP_DEADLINE);
      }
    } catch (IOException | BackendException e) {
      // No ipcrm here, or the segment is gone. At worst 56 bytes stay until the next boot.
    }
  }
}

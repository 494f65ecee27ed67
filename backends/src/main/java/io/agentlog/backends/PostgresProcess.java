package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A server as a child process of this JVM. */
final class PostgresProcess extends ChildServer implements PostgresServer {
  private static final String NAME = "PostgreSQL";

  private final Path data;
  private final Path programs;
  private final UnprivilegedUser user;
  private final PostgresData initial;

  private PostgresProcess(
      TempDirectory directory, Path programs, UnprivilegedUser user, PostgresData initial) {
    super(NAME, "INT", directory);
    this.data = root.resolve("data");
    this.programs = programs;
    this.user = user;
    this.initial = initial;
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
    Path unpacked = programs.apply(user.workDirectory());
    PostgresData initial;
    try {
      initial = PostgresData.of(unpacked, user);
    } catch (IOException e) {
      throw new BackendException("can't prepare " + NAME + ": " + e, e);
    }
    TempDirectory directory = TempDirectory.create(user.workDirectory(), "postgres-");
    PostgresProcess server = new PostgresProcess(directory, unpacked, user, initial);
    server.startFirst();
    return server;
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
    return initial.password();
  }

  @Override
  void prepare() throws IOException {
    user.give(root);
    initial.copyTo(data, log);
  }

  @Override
  List<String> command() {
    return user.run(
        programs.resolve("bin/postgres"),
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
        "timezone=UTC",
        // Data outlives a killed server without it; only a machine that fails would lose some.
        "-c",
        "fsync=off");
  }

  @Override
  boolean awaitReady(ServerProcess started, Duration deadline) {
    return started.awaitReady(deadline, () -> Postgres.takesConnections(this));
  }

  @Override
  void end() {
    stop();
    removeSharedMemory();
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

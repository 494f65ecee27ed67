package io.agentlog.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The user that runs PostgreSQL, which refuses to run as root.
 *
 * @param command put before a program, so that it runs as that user
 * @param workDirectory where that user can read and write
 * @param givesFiles whether files must be given to that user
 */
record UnprivilegedUser(List<String> command, Path workDirectory, boolean givesFiles) {
  private static final Duration PROBE_DEADLINE = Duration.ofSeconds(10);
  private static final String NOBODY = "65534";

  UnprivilegedUser {
    command = List.copyOf(command);
  }

  static UnprivilegedUser find() {
    Path own = Installation.workDirectory();
    if (!isRoot()) {
      return new UnprivilegedUser(List.of(), own, false);
    }
    // In a user namespace files stay root's, so any path that root can read works.
    List<String> namespace = List.of("unshare", "-U");
    if (works(namespace, own)) {
      return new UnprivilegedUser(namespace, own, false);
    }
    // Containers forbid namespaces by default, but let root become another user, who can't read
    // /root.
    List<String> nobody =
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    if (works(nobody, own)) {
      return new UnprivilegedUser(nobody, sharedDirectory(), true);
    }
    throw new BackendException(
        "PostgreSQL can't run as root, and neither 'unshare -U' nor 'setpriv --reuid' works here; run as another user or set POSTGRES_HOST");
  }

  /** Returns the command line that runs a program as the user. */
  List<String> run(Path program, String... arguments) {
    List<String> line = new ArrayList<>(command);
    line.add(program.toString());
    line.addAll(List.of(arguments));
    return line;
  }

  /** Lets the user write into the directory. */
  void give(Path directory) throws IOException {
    if (givesFiles) {
      Files.setAttribute(directory, "unix:uid", Integer.valueOf(NOBODY));
      Files.setAttribute(directory, "unix:gid", Integer.valueOf(NOBODY));
    }
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  private static boolean works(List<String> command, Path directory) {
    List<String> probe = new ArrayList<>(command);
    probe.add("true");
    try {
      ServerProcess.run("probe", probe, directory, Path.of("/dev/null"), PROBE_DEADLINE);
      return true;
    } catch (BackendException e) {
      return false;
    }
  }

  /**
   * A new directory for each JVM, because a directory with a known name could be someone else's.
   */
  private static Path sharedDirectory() {
    try {
      Path directory = TempDirectory.create("agentlog-backends-").path();
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      return directory;
    } catch (IOException e) {
      throw new BackendException("can't create a directory for PostgreSQL: " + e, e);
    }
  }
}

package io.agentlog.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything agentlog writes to disk, prompts included.
 *
 * @param path an existing, private and writable folder, absolute; null if there is none
 * @param problems one line for each place that was tried and refused; names the option
 */
public record BaseDirectory(@Nullable Path path, List<String> problems) {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> PRIVATE_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("------rwx");

  public BaseDirectory {
    problems = List.copyOf(problems);
  }

  /**
   * Finds the folder and makes it if it is missing: only the option {@code dir} if it is set;
   * otherwise {@code $XDG_STATE_HOME/agentlog}, or {@code ~/.local/state/agentlog} without that
   * variable; otherwise a private folder under the temp directory.
   *
   * <p>Accesses the disk, so don't call it on application threads. Never throws.
   */
  public static BaseDirectory find(
      Config config, Properties systemProperties, Map<String, String> environment) {
    String explicit = config.find(Options.DIR);
    if (explicit != null) {
      try {
        return new BaseDirectory(prepare(Path.of(explicit).toAbsolutePath(), false), List.of());
      } catch (IOException | RuntimeException e) { // Path.of throws the latter.
        return new BaseDirectory(
            null,
            List.of(
                "dir=%s (%s) can't hold the journal: %s"
                    .formatted(Problems.shown(explicit), config.origin(Options.DIR), reason(e))));
      }
    }
    List<String> problems = new ArrayList<>();
    Path state = stateFolder(systemProperties, environment);
    if (state != null) {
      try {
        return new BaseDirectory(prepare(state, false), problems);
      } catch (IOException | RuntimeException e) {
        problems.add(
            "%s can't hold the journal: %s. Trying the temp directory, which a restart of this machine may empty; set agentlog.dir to a lasting folder"
                .formatted(Problems.shown(state.toString()), reason(e)));
      }
    }
    Path temp = null;
    try {
      temp = tempFolder(systemProperties);
      return new BaseDirectory(prepare(temp, true), problems);
    } catch (IOException | RuntimeException e) {
      problems.add(
          "%s can't hold the journal: %s. Set agentlog.dir to a folder that this process may write"
              .formatted(
                  temp == null ? "the temp directory" : Problems.shown(temp.toString()),
                  reason(e)));
      return new BaseDirectory(null, problems);
    }
  }

  /** Returns the folder for state; null if this user has no home, as in many containers. */
  private static @Nullable Path stateFolder(
      Properties systemProperties, Map<String, String> environment) {
    try {
      Path state = Path.of(environment.getOrDefault("XDG_STATE_HOME", ""));
      if (state.isAbsolute()) { // Its specification says to ignore a relative path.
        return state.resolve("agentlog");
      }
      Path home = Path.of(systemProperties.getProperty("user.home", ""));
      return home.isAbsolute() && Files.isDirectory(home)
          ? home.resolve(".local").resolve("state").resolve("agentlog")
          : null;
    } catch (RuntimeException e) { // The text is no path.
      return null;
    }
  }

  /**
   * Returns the same folder at each start, another for each user, because all users share the temp
   * directory.
   */
  private static Path tempFolder(Properties systemProperties) {
    String name = systemProperties.getProperty("user.name", "?");
    // "?" is a user without an entry in /etc/passwd, as in many containers.
    String user = name.isBlank() || name.equals("?") ? "user" : ServiceName.of(name).folder();
    return Path.of(systemProperties.getProperty("java.io.tmpdir", "/tmp"))
        .toAbsolutePath()
        .resolve("agentlog-" + user);
  }

  /**
   * Makes the folder if it is missing, and checks it.
   *
   * @param shared true if others can make folders beside it, so that it must belong to this user
   * @throws IOException with a message for the log, without the path
   */
  private static Path prepare(Path folder, boolean shared) throws IOException {
    Path parent = folder.getParent();
    boolean posix = parent == null || supportsPosix(parent);
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      create(folder, parent, posix);
    }
    if (Files.isSymbolicLink(folder)) {
      throw new IOException("it is a symbolic link. Name the folder behind the link");
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it is not a folder");
    }
    UserPrincipal self = probe(folder, posix);
    if (posix) {
      PosixFileAttributes attributes =
          Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Set<PosixFilePermission> permissions = attributes.permissions();
      if (shared
          ? !PRIVATE.containsAll(permissions)
          : permissions.stream().anyMatch(OTHERS::contains)) {
        throw new IOException(
            "other users may enter it (%s), and prompts are private. Run chmod 700 on it, or name a new folder in it, which is made private"
                .formatted(PosixFilePermissions.toString(permissions)));
      }
      if (shared && !attributes.owner().equals(self)) {
        throw new IOException("it belongs to another user");
      }
    }
    return folder;
  }

  private static void create(Path folder, @Nullable Path parent, boolean posix) throws IOException {
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
            : new FileAttribute<?>[0];
    try {
      // Checked first, because createDirectories of JDK 17 refuses a parent that links to a folder.
      if (parent != null && !Files.isDirectory(parent)) {
        Files.createDirectories(parent, attributes);
      }
      Files.createDirectory(folder, attributes);
    } catch (FileAlreadyExistsException e) {
      if (!folder.toString().equals(e.getFile())) {
        throw e; // A parent is a file.
      } // Otherwise another JVM of this service was faster; its folder is checked like any other.
    }
  }

  /**
   * Writes and removes a file, and returns its owner, because Java offers no other way to learn
   * this JVM's user.
   */
  private static UserPrincipal probe(Path folder, boolean posix) throws IOException {
    Path probe =
        folder.resolve(
            ".probe-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE_FILE)}
            : new FileAttribute<?>[0];
    try {
      Files.newByteChannel(
              probe, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)
          .close();
      return Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static boolean supportsPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getFileAttributeView(path, PosixFileAttributeView.class) != null;
  }

  private static String reason(Exception e) {
    if (e instanceof AccessDeniedException denied) {
      return "permission denied at "
          + Problems.shown(denied.getFile())
          + ". Name a folder that this process may write";
    }
    if (e instanceof FileAlreadyExistsException exists) {
      return Problems.shown(exists.getFile()) + " is not a folder";
    }
    if (e instanceof NoSuchFileException missing) { // The parent exists, but takes no folders.
      return Problems.shown(missing.getFile())
          + " can't be made. Name a folder that this process may write";
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}

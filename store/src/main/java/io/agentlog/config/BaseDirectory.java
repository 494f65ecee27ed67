package io.agentlog.config;

import io.agentlog.files.LocalFileSystems;
import io.agentlog.files.PrivateFolder;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything agentlog writes to disk, prompts included.
 *
 * @param path an existing, private and writable folder, absolute; null if there is none
 * @param problems one line for each place that was tried and refused; names the option
 */
public record BaseDirectory(@Nullable Path path, List<String> problems) {
  public BaseDirectory {
    problems = List.copyOf(problems);
  }

  /**
   * Finds the folder and makes it if it is missing: only the option {@code dir} if it is set;
   * otherwise {@code $XDG_STATE_HOME/agentlog}, or {@code ~/.local/state/agentlog} without that
   * variable, if it is on this machine; otherwise a private folder under the temp directory.
   *
   * <p>Accesses the disk, so don't call it on application threads. Never throws.
   */
  public static BaseDirectory find(
      Config config, Properties systemProperties, Map<String, String> environment) {
    String explicit = config.find(Options.DIR);
    if (explicit != null) {
      Path named = null;
      try {
        named = Path.of(explicit).toAbsolutePath();
        PrivateFolder.makeBase(named, false);
        return new BaseDirectory(named, List.of());
      } catch (IOException | RuntimeException e) { // Path.of throws the latter.
        return new BaseDirectory(
            null,
            List.of(
                "dir=%s (%s) can't hold the journal: %s"
                    .formatted(
                        Problems.shown(explicit), config.origin(Options.DIR), reason(e, named))));
      }
    }
    List<String> problems = new ArrayList<>();
    Path state = stateFolder(systemProperties, environment);
    if (state != null) {
      try {
        PrivateFolder.makeBase(state, false);
        if (LocalFileSystems.isLocal(state)) {
          return new BaseDirectory(state, problems);
        }
        problems.add(
            "%s is on a file system (%s) that may be on another machine, for which no call may wait. Trying the temp directory, which a restart of this machine may empty; set agentlog.dir to a lasting folder on a local disk"
                .formatted(Problems.shown(state.toString()), Files.getFileStore(state).type()));
      } catch (IOException | RuntimeException e) {
        problems.add(
            "%s can't hold the journal: %s. Trying the temp directory, which a restart of this machine may empty; set agentlog.dir to a lasting folder"
                .formatted(Problems.shown(state.toString()), reason(e, state)));
      }
    }
    Path temp = null;
    try {
      temp = tempFolder(systemProperties);
      PrivateFolder.makeBase(temp, true);
      return new BaseDirectory(temp, problems);
    } catch (IOException | RuntimeException e) {
      problems.add(
          "%s can't hold the journal: %s. Set agentlog.dir to a folder that this process may write"
              .formatted(
                  temp == null ? "the temp directory" : Problems.shown(temp.toString()),
                  reason(e, temp)));
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
   * Returns why a folder will not do.
   *
   * @param folder which the line names already, shortened; null if the text is no path
   */
  private static String reason(Exception e, @Nullable Path folder) {
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
    if (message == null) {
      return e.getClass().getSimpleName();
    }
    String subject = folder + " ";
    return message.startsWith(subject) ? "it " + message.substring(subject.length()) : message;
  }
}

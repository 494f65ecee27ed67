package io.agentlog.agent.capture.file;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A project's folder by the name that was given and, if that leads through a link, by its real name
 * at that time: the JVM itself names relative files by the real one. Immutable.
 *
 * @param path absolute and normalized
 * @param real null if it is the same, or if there is no such folder
 */
public record ProjectFolder(Path path, @Nullable Path real) {
  /** Asks the file system for the real name. */
  static ProjectFolder of(Path path) {
    try {
      Path real = path.toRealPath();
      return new ProjectFolder(path, real.equals(path) ? null : real);
    } catch (IOException | RuntimeException e) { // Not there, or a security manager.
      return new ProjectFolder(path, null);
    }
  }

  boolean contains(Path file) {
    return file.startsWith(path) || (real != null && file.startsWith(real));
  }

  /** Returns the path as it is from the folder. */
  Path relativize(Path file) {
    return real != null && file.startsWith(real) ? real.relativize(file) : path.relativize(file);
  }

  /** Returns the name below the folder as it was given; of any other file, its own. */
  Path asGiven(Path file) {
    return real != null && file.startsWith(real) ? path.resolve(real.relativize(file)) : file;
  }
}

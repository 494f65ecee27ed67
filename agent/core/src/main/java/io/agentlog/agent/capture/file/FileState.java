package io.agentlog.agent.capture.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state of a file by which a change of its content is seen.
 *
 * @param sizeBytes of the content
 * @param modifiedMicros time of the last change, since the epoch
 * @param key identity of the file on its disk, or null if the file system has none; compare by
 *     {@code equals}
 * @param isRegular false for a folder, a pipe, a device
 */
public record FileState(
    long sizeBytes, long modifiedMicros, @Nullable Object key, boolean isRegular) {

  /** Asks the file system, by one call; null if there is no such file or it can't be asked. */
  public static @Nullable FileState of(Path path) {
    return read(path);
  }

  /** Does the same for the path itself: of a link, the link. */
  static @Nullable FileState ofPathItself(Path path) {
    return read(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static @Nullable FileState read(Path path, LinkOption... options) {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class, options);
      return new FileState(
          found.size(),
          found.lastModifiedTime().to(TimeUnit.MICROSECONDS),
          found.fileKey(),
          found.isRegularFile());
    } catch (IOException | RuntimeException e) { // A security manager, or an odd file system.
      return null;
    }
  }
}

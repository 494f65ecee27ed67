package io.agentlog.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory that is removed with its content when closed or when the JVM ends.
 *
 * <p>At the end of the JVM the latest goes first, so make the directory before the processes that
 * write into it.
 */
public final class TempDirectory implements AutoCloseable {
  private final Path path;

  private TempDirectory(Path path) {
    this.path = path;
  }

  /** Makes a directory below the system's temp directory; only this user may read it. */
  public static TempDirectory create(String prefix) {
    return create(Path.of(System.getProperty("java.io.tmpdir")), prefix);
  }

  static TempDirectory create(Path parent, String prefix) {
    try {
      // Made and added in one step, so that the shutdown hook misses no directory.
      return OpenServers.addStarted(
          () -> new TempDirectory(Files.createTempDirectory(parent, prefix)));
    } catch (IOException e) {
      throw new BackendException("can't create a temporary directory: " + e, e);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    Trees.remove(path);
    OpenServers.remove(this);
  }
}

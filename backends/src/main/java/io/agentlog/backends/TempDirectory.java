package io.agentlog.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory that is removed with all that is in it, when closed and when the JVM ends.
 *
 * <p>What is started later is ended before: make it first, then the processes that write into it.
 */
public final class TempDirectory implements AutoCloseable {
  private final Path path;

  private TempDirectory(Path path) {
    this.path = path;
  }

  /** Makes one below the system's temp directory; only this user may look into it. */
  public static TempDirectory create(String prefix) {
    return create(Path.of(System.getProperty("java.io.tmpdir")), prefix);
  }

  static TempDirectory create(Path parent, String prefix) {
    try {
      // Added in one step with its making: the shutdown hook misses none.
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

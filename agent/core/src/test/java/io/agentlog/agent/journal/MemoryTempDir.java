package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Puts a test's folder on a file system in memory, where there is one with space. For tests that
 * write thousands of journals and test no disk: they wait for the disk two thirds of their time.
 */
public final class MemoryTempDir implements TempDirFactory {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long SPACE_MIN = 2L << 30; // bytes
  private static final String PREFIX = "agentlog-test-";

  @Override
  public Path createTempDirectory(
      AnnotatedElementContext elementContext, ExtensionContext extensionContext)
      throws IOException {
    return Files.isWritable(MEMORY) && MEMORY.toFile().getUsableSpace() >= SPACE_MIN
        ? Files.createTempDirectory(MEMORY, PREFIX)
        : Files.createTempDirectory(PREFIX);
  }
}

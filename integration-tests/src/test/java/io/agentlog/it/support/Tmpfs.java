package io.agentlog.it.support;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real file system with a few MiB, which can be full: a tmpfs of the test's own. Only its owner
 * may look into it. Making one needs root; a test that can't have one is skipped, and says why.
 */
public final class Tmpfs implements AutoCloseable {
  private static final String BALLAST = "ballast";
  private static final int CHUNK = 64 * 1024;

  private final Path path;

  private Tmpfs(Path path) {
    this.path = path;
  }

  /**
   * Mounts one.
   *
   * @param path a folder, made when missing
   */
  public static Tmpfs mount(Path path, int mebibytes) {
    try {
      Files.createDirectories(path);
      String said =
          run(
              "mount",
              "-t",
              "tmpfs",
              "-o",
              "size=" + mebibytes + "m,mode=0700",
              "tmpfs",
              "" + path);
      assumeThat(said).as("'mount -t tmpfs', which needs root, said").isEmpty();
    } catch (IOException e) {
      assumeThat(e).as("there is no 'mount' here").isNull();
    }
    return new Tmpfs(path);
  }

  public Path path() {
    return path;
  }

  /** Bytes that can still be written. */
  public long freeBytes() {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes all the space there is, to the last page. */
  public void fill() {
    try (OutputStream ballast = Files.newOutputStream(path.resolve(BALLAST))) {
      byte[] chunk = new byte[CHUNK];
      for (int length = CHUNK; length > 0; length /= 2) {
        writeUntilFull(ballast, chunk, length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives back what {@link #fill} took. */
  public void free() {
    try {
      Files.deleteIfExists(path.resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unmounts it, whoever still uses it. */
  @Override
  public void close() {
    try {
      run("umount", "-l", path.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeUntilFull(OutputStream out, byte[] chunk, int length) {
    try {
      while (true) {
        out.write(chunk, 0, length);
      }
    } catch (IOException e) {
      // Full, but perhaps for smaller pieces.
    }
  }

  /** What the command said; empty where it succeeds. */
  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int exitCode = process.waitFor();
      return exitCode == 0 ? "" : "exit code " + exitCode + ": " + said.strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}

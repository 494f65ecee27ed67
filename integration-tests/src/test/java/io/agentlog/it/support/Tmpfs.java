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
 * A tmpfs of the test's own: a real file system of a few MiB that a test can fill. Only its owner
 * may read it. Mounting needs root; without it the test is skipped with the reason.
 */
public final class Tmpfs implements AutoCloseable {
  private static final String BALLAST = "ballast";
  private static final int CHUNK = 64 * 1024;

  private final Path path;

  private Tmpfs(Path path) {
    this.path = path;
  }

  /**
   * Mounts a tmpfs.
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
      assumeThat(said).as("'mount -t tmpfs', which needs root, failed with").isEmpty();
    } catch (IOException e) {
      assumeThat(e).as("'mount' can't be run here").isNull();
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

  /** Frees the space that {@link #fill} took. */
  public void free() {
    try {
      Files.deleteIfExists(path.resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unmounts the file system, even if it is still in use. */
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
      // Full for this size; a smaller piece may still fit.
    }
  }

  /** Returns the command's exit code and output if it failed; empty if it succeeded. */
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

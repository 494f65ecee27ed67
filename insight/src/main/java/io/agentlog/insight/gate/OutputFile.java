package io.agentlog.insight.gate;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that an option names for what the gate writes. Thread-safe.
 *
 * @param option for messages
 */
public record OutputFile(String option, Path path) {
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");

  /**
   * Makes sure, before anything is judged, that the file can be written.
   *
   * @throws GateException if it can't
   */
  public void check() throws GateException {
    Path folder = folder(path);
    String problem =
        Files.isDirectory(path)
            ? "is a folder"
            : !Files.isDirectory(folder)
                ? "can't be written, because there is no folder " + folder
                : Files.exists(path) ? problemOf(path, "") : problemOf(folder, "the folder ");
    if (!problem.isEmpty()) {
      throw new GateException("%s %s %s".formatted(option, path, problem));
    }
  }

  private static String problemOf(Path file, String what) {
    return Files.isWritable(file)
        ? ""
        : "can't be written, because %sis not yours to write".formatted(what);
  }

  private static Path folder(Path file) {
    Path whole = file.toAbsolutePath();
    Path parent = whole.getParent();
    return parent == null ? whole : parent;
  }

  /** Writes the file as a whole: whoever reads it sees the old content or the new one. */
  void replace(String text) throws GateException {
    try {
      Path target = Files.exists(path) ? path.toRealPath() : path;
      Path made = Files.createTempFile(folder(target), ".baseline", ".tmp");
      try {
        Files.writeString(made, text);
        if (made.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.setPosixFilePermissions(
              made, Files.exists(target) ? Files.getPosixFilePermissions(target) : READABLE);
        }
        Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(made);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Writes the file in place, so that it may be a pipe. */
  public void write(String text) throws GateException {
    try {
      Files.writeString(path, text);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Adds to the end of the file. */
  public void append(String text) throws GateException {
    try {
      Files.write(
          path,
          text.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private GateException failed(IOException e) {
    return new GateException(
        "%s %s could not be written: %s".formatted(option, path, AgentLog.describe(e)));
  }
}

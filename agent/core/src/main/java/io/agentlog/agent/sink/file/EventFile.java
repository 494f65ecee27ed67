package io.agentlog.agent.sink.file;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One file of whole lines. Cuts off what a failed write left before the next one, so that a reader
 * finds half a line only at the end of a file whose JVM was killed.
 *
 * <p>Holds the file's lock while it is open, so that no JVM removes it as an old file. Not
 * thread-safe.
 */
final class EventFile implements AutoCloseable {
  private final Path path;
  private final Instant begunAt;
  private long lengthBytes;
  private @Nullable FileChannel channel;

  /**
   * Creates a file.
   *
   * @throws java.nio.file.FileAlreadyExistsException if something, a link included, has its name
   */
  EventFile(Path path, Instant begunAt, FileAttribute<?>... attributes) throws IOException {
    this.path = path;
    this.begunAt = begunAt;
    FileChannel created =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
    channel = created;
    lock(created);
  }

  Path path() {
    return path;
  }

  Instant begunAt() {
    return begunAt;
  }

  /** Length of the whole lines, in bytes. */
  long lengthBytes() {
    return lengthBytes;
  }

  /** False if the file was moved or removed. */
  boolean isThere() {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Appends whole lines: all of them, or none and it throws. Returns when they are forced to the
   * disk, because the journal then need not keep them.
   */
  void append(byte[] lines) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      channel = open;
      lock(open);
    }
    try {
      if (open.size() > lengthBytes) {
        open.truncate(lengthBytes);
      }
      ByteBuffer buffer = ByteBuffer.wrap(lines);
      while (buffer.hasRemaining()) {
        open.write(buffer, lengthBytes + buffer.position());
      }
      open.force(false);
      lengthBytes += lines.length;
    } catch (IOException | Error e) { // The JDK needs memory of its own for a write.
      try {
        open.truncate(lengthBytes); // Otherwise a reader sees half a batch.
      } catch (IOException again) { // The next attempt cuts the half off.
        e.addSuppressed(again);
      }
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) { // Nothing is lost: each write is forced.
        AgentLog.debug("file", "can't close %s: %s".formatted(path, AgentLog.describe(e)));
      }
    }
  }

  private void lock(FileChannel open) {
    try {
      if (open.tryLock() == null) {
        AgentLog.debug("file", "another process holds the lock of " + path);
      }
    } catch (IOException e) { // Without locks only its age protects the file.
      AgentLog.debug("file", "no lock on %s: %s".formatted(path, AgentLog.describe(e)));
    }
  }
}

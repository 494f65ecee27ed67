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
 * One file of whole lines. What a failed write left behind is cut off before the next one, so that
 * a reader finds half a line at the end of a file at most, after its JVM was killed.
 *
 * <p>Holds the file's lock while it is open: who removes old files leaves it alone. Not
 * thread-safe.
 */
final class EventFile implements AutoCloseable {
  private final Path path;
  private final Instant begunAt;
  private long lengthBytes;
  private @Nullable FileChannel channel;

  /**
   * Begins a file that was not there.
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

  /** Bytes of whole lines. */
  long lengthBytes() {
    return lengthBytes;
  }

  /** False if somebody has moved or removed it. */
  boolean isThere() {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Appends whole lines: all of them, or on failure none. They are with the operating system. */
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
      lengthBytes += lines.length;
    } catch (IOException e) {
      try {
        open.truncate(lengthBytes); // A reader need not see the half that was written.
      } catch (IOException again) { // Then the next attempt cuts it off.
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
      } catch (IOException e) { // Each write has gone to the operating system; nothing is lost.
        AgentLog.debug("file", "close of %s: %s".formatted(path, AgentLog.describe(e)));
      }
    }
  }

  private void lock(FileChannel open) {
    try {
      if (open.tryLock() == null) {
        AgentLog.debug("file", "another process holds the lock of " + path);
      }
    } catch (IOException e) { // A file system without locks: its age alone protects the file.
      AgentLog.debug("file", "no lock on %s: %s".formatted(path, AgentLog.describe(e)));
    }
  }
}

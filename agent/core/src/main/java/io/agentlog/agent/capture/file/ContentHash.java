package io.agentlog.agent.capture.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the content of a file, if the file has the same state before and after as it had at the
 * end of the operation. One thread.
 */
final class ContentHash {
  private static final int BUFFER_BYTES = 64 << 10;

  /** Why there is no hash; the names are those of {@code metadata.hash_missing}. */
  enum Missing {
    CHANGED("changed"),
    TOO_LARGE("too_large"),
    GONE("gone"),
    NOT_REGULAR("not_regular"),
    UNREADABLE("unreadable");

    final String text;

    Missing(String text) {
      this.text = text;
    }
  }

  /** One of the two is null. */
  record Outcome(@Nullable String sha256, @Nullable Missing missing) {
    static Outcome of(Missing missing) {
      return new Outcome(null, missing);
    }
  }

  private final long bytesMax;
  private final Pace pace;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private volatile long progressNanos = System.nanoTime();

  /**
   * @param bytesMax a larger file is not read
   */
  ContentHash(long bytesMax, Pace pace) {
    this.bytesMax = bytesMax;
    this.pace = pace;
  }

  /** Loads what the first file needs, so that it is hashed soon. */
  void warmUp() {
    sha256().digest();
    of(Path.of("/"), new FileState(0, 0, null, true));
  }

  /**
   * Reads a file. Waits as long as the file system lets it wait.
   *
   * <p>The file is opened only after its attributes have said that it is a regular file, because
   * the open of a pipe waits for a writer, and Java can't open without waiting. A file that is
   * replaced by a pipe between the two holds the thread until somebody opens the pipe to write.
   */
  Outcome of(Path path, @Nullable FileState atEnd) {
    progressNanos = System.nanoTime();
    if (atEnd == null) {
      return Outcome.of(Missing.GONE);
    }
    if (!atEnd.isRegular()) {
      return Outcome.of(Missing.NOT_REGULAR);
    }
    if (atEnd.sizeBytes() > bytesMax) {
      return Outcome.of(Missing.TOO_LARGE);
    }
    Missing before = difference(path, atEnd);
    if (before != null) {
      return Outcome.of(before);
    }
    String sha256;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      sha256 = read(channel, atEnd.sizeBytes());
    } catch (NoSuchFileException e) {
      return Outcome.of(Missing.GONE);
    } catch (IOException | RuntimeException e) { // Such as a file without the right to read it.
      Missing after = difference(path, atEnd);
      return Outcome.of(after == null ? Missing.UNREADABLE : after);
    }
    Missing after = difference(path, atEnd);
    if (sha256 == null || after != null) {
      return Outcome.of(after == null ? Missing.CHANGED : after);
    }
    return new Outcome(sha256, null);
  }

  /** When a file was begun or bytes were read last. Any thread may ask. */
  long progressNanos() {
    return progressNanos;
  }

  /** Returns null if the file is in that state. */
  private static @Nullable Missing difference(Path path, FileState atEnd) {
    FileState now = FileState.of(path);
    if (now == null) {
      return isGone(path) ? Missing.GONE : Missing.UNREADABLE;
    }
    return now.equals(atEnd) ? null : Missing.CHANGED;
  }

  private static boolean isGone(Path path) {
    try {
      return Files.notExists(path);
    } catch (RuntimeException e) { // A security manager.
      return false;
    }
  }

  /**
   * Returns null if the content is not as long as the attributes say, which is so of files that the
   * system makes up.
   */
  private @Nullable String read(FileChannel channel, long sizeBytes) throws IOException {
    // Not kept: its class may be the application's, through a provider that it has installed.
    MessageDigest digest = sha256();
    long total = 0;
    while (total <= sizeBytes) {
      buffer.clear();
      int count = channel.read(buffer);
      if (count < 0) {
        break;
      }
      if (count == 0) {
        throw new FileSystemException(null, null, "nothing read");
      }
      total += count;
      buffer.flip();
      digest.update(buffer);
      pace.await(count);
      progressNanos = System.nanoTime();
    }
    return total == sizeBytes ? HexFormat.of().formatHex(digest.digest()) : null;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

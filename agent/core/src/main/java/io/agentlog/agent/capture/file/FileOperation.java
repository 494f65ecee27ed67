package io.agentlog.agent.capture.file;

import io.agentlog.event.FileOperationType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An operation that has ended and is not recorded yet, or has been recorded and waits for its hash.
 * Holds nothing of the application. Its fields belong to the lock of its {@link ExecutionFiles},
 * except those of the hash, which belong to its own.
 */
public final class FileOperation {
  public final Path path;

  /** Null if the file is gone or can't be asked. */
  public final @Nullable FileState atEnd;

  /** The moment of the end by {@link System#nanoTime()}. */
  public final long endNanos;

  /** Metadata besides what the fields tell; JSON values. */
  public final Map<String, @Nullable Object> metadata = new LinkedHashMap<>();

  /** How the file was opened; JSON values. */
  public final Map<String, @Nullable Object> parameters;

  public FileOperationType type;
  public long startNanos;

  /** Below 0 if not known. */
  public long bytesWritten = -1;

  /** Null if there was no file, if it is not known, and for a read. */
  public @Nullable FileState atBegin;

  public @Nullable String sha256Before;
  public @Nullable String tool;
  public boolean isSuccess = true;
  public @Nullable String errorType;
  public @Nullable String errorMessage;

  /** Where a moved file was, or is now. */
  public @Nullable Path movedFrom;

  public @Nullable Path movedTo;

  /** Identity of the event, made at the end of the operation; null before. */
  public @Nullable UUID id;

  /** True if the hashing thread had no room for it. */
  public volatile boolean isQueueFull;

  /** Times that the same content was read. */
  int count = 1;

  /** The count that the event tells; 0 while there is no event. */
  int countTold;

  private boolean isDropped;
  private @Nullable Object origin;
  private @Nullable Hashes early;

  FileOperation(
      FileOperationType type,
      Path path,
      @Nullable FileState atEnd,
      Map<String, @Nullable Object> parameters,
      long startNanos,
      long endNanos) {
    this.type = type;
    this.path = path;
    this.atEnd = atEnd;
    this.parameters = parameters;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
  }

  /** Hashes as the hashing thread told them. */
  public record Hashes(
      long sizeBytes,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      Map<String, @Nullable Object> metadata) {}

  /** True if the operation leaves content behind that can be hashed, or takes some away. */
  public boolean isHashable() {
    return isSuccess && (type == FileOperationType.DELETE || (atEnd != null && atEnd.isRegular()));
  }

  /** Says that nothing of it is recorded. */
  public synchronized void drop() {
    isDropped = true;
    early = null;
  }

  /**
   * Says that it is recorded.
   *
   * @param of the event, opaque here
   * @return hashes that came earlier, to be recorded now; or null
   */
  public synchronized @Nullable Hashes recordedAs(Object of) {
    origin = of;
    Hashes waiting = early;
    early = null;
    return waiting;
  }

  /**
   * Takes hashes.
   *
   * @return the origin of the event that they belong to; null if they have to wait for it, or if
   *     the operation was dropped
   */
  public synchronized @Nullable Object hashed(Hashes hashes) {
    if (origin == null && !isDropped) {
      early = hashes;
    }
    return origin;
  }

  /** The origin of its event; null before. */
  public synchronized @Nullable Object origin() {
    return origin;
  }
}

package io.agentlog.event;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of a file operation, as they go into a journal; see {@link Event.FileOperation}.
 *
 * @param pathSha256 null if {@code path} is whole, so that the reader can compute it
 * @param sizeBytes below 0 if not known, as are the next three
 */
public record FileOperationValues(
    FileOperationType operation,
    @Nullable String path,
    @Nullable String pathSha256,
    long sizeBytes,
    long bytesRead,
    long bytesWritten,
    long durationMicros,
    @Nullable String sha256Before,
    @Nullable String tool,
    boolean isSuccess,
    @Nullable String errorType,
    @Nullable String errorMessage,
    Map<String, @Nullable Object> parameters,
    Map<String, @Nullable Object> metadata) {
  /** Fails if nothing names the file. */
  public FileOperationValues {
    if (path == null && pathSha256 == null) {
      throw new IllegalArgumentException("a file operation without a path");
    }
  }
}

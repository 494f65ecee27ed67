package io.agentlog.agent.capture.file;

import io.agentlog.event.FileOperationType;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file to hash after an operation.
 *
 * @param path absolute
 * @param atBegin state of the file right before the operation; null if there was none, or if it is
 *     not known: then no hash of the content before is told
 * @param atEnd state of the file at the end of the operation; null if it is gone
 * @param origin goes to the {@link HashResult} as it is; must not hold objects of the application
 */
public record HashRequest(
    Path path,
    @Nullable FileState atBegin,
    @Nullable FileState atEnd,
    FileOperationType operation,
    UUID operationId,
    Object origin) {

  /** Makes a request of an operation before which the state of the file is not known. */
  public HashRequest(
      Path path,
      @Nullable FileState atEnd,
      FileOperationType operation,
      UUID operationId,
      Object origin) {
    this(path, null, atEnd, operation, operationId, origin);
  }

  boolean changes() {
    return operation != FileOperationType.READ;
  }
}

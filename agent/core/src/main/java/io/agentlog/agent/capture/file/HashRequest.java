package io.agentlog.agent.capture.file;

import io.agentlog.event.FileOperationType;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file to hash after an operation.
 *
 * @param path absolute
 * @param atEnd state of the file at the end of the operation; null if it is gone
 * @param origin goes to the {@link HashResult} as it is; must not hold objects of the application
 */
public record HashRequest(
    Path path,
    @Nullable FileState atEnd,
    FileOperationType operation,
    UUID operationId,
    Object origin) {}

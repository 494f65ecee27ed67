package io.agentlog.agent.prices;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a file has changed. Follows links, because Kubernetes replaces a mounted file by
 * another target of its link.
 *
 * @param identity of the file in its file system; null where it has none
 */
record FileMark(FileTime modified, long size, @Nullable Object identity) {
  static FileMark of(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileMark(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
  }
}

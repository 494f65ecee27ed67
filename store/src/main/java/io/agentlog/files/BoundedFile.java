package io.agentlog.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files that the user names, such as configuration and secrets. */
public final class BoundedFile {
  private BoundedFile() {}

  /**
   * Reads all bytes of a regular file. Follows symbolic links, because secrets are mounted behind
   * links.
   *
   * @throws IOException if the file can't be read; the message states the reason without the path
   */
  public static byte[] read(Path path, int bytesMax) throws IOException {
    // Reading a pipe without a writer would block the start of the application for ever.
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException("not a regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      boolean isTooLong = Files.size(path) > bytesMax; // Some who ask do so again and again.
      byte[] bytes = isTooLong ? new byte[0] : in.readNBytes(bytesMax + 1);
      if (isTooLong || bytes.length > bytesMax) {
        throw new IOException("larger than " + bytesMax + " bytes");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException("no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException("permission denied", e);
    }
  }
}

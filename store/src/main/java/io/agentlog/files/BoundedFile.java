package io.agentlog.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files that the user names. */
public final class BoundedFile {
  private BoundedFile() {}

  /**
   * All bytes of a regular file; symbolic links are followed, as secrets are mounted behind them.
   *
   * @throws IOException with a message for the log: what is wrong, without the path
   */
  public static byte[] read(Path path, int bytesMax) throws IOException {
    // A pipe without a writer would hold the start of the application for ever.
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException("not a regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
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

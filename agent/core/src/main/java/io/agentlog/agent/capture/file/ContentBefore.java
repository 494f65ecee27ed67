package io.agentlog.agent.capture.file;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Hashes small files on the caller's thread, before they are replaced. */
final class ContentBefore {
  /** A larger file is not read. */
  static final int BYTES_MAX = 1 << 20;

  private static final int BUFFER_BYTES = 16 << 10;

  private ContentBefore() {}

  /** Returns 64 hexadecimal digits; null if the file is too large, no file, or can't be read. */
  static @Nullable String sha256(Path path, FileState state) {
    if (!state.isRegular() || state.sizeBytes() > BYTES_MAX) {
      return null;
    }
    MessageDigest digest = KeptPaths.digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    long total = 0;
    // Not a channel: an interrupt of the application would close it.
    try (InputStream in = new FileInputStream(path.toString())) {
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        total += read;
        if (total > BYTES_MAX) { // It has grown.
          return null;
        }
      }
    } catch (IOException | RuntimeException e) {
      return null;
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}

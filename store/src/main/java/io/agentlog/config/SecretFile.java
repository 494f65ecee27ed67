package io.agentlog.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.files.BoundedFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file that holds one secret. */
public final class SecretFile {
  private SecretFile() {}

  /**
   * Returns the contents without the last line break; null if there are none.
   *
   * @throws IOException if the file can't be read; the message states the reason without the path
   */
  public static @Nullable String read(Path file) throws IOException {
    String text =
        withoutLastLineBreak(
            new String(BoundedFile.read(file, ConfigLoader.VALUE_CHARS_MAX), UTF_8));
    return text.isEmpty() ? null : text;
  }

  /**
   * Returns the text of a setting as it is now: a secret's file is read again, because secrets are
   * rotated. If it can't be read, or is empty because it is being written, the last text stands.
   */
  static @Nullable String current(Setting setting) {
    Path file = setting.secretFile();
    if (file == null) {
      return setting.text();
    }
    try {
      String text = read(file);
      return text == null ? setting.text() : text;
    } catch (IOException | RuntimeException e) { // The start reported it, if it was so then.
      return setting.text();
    }
  }

  /** Editors and echo end a file so; hardly a password does. */
  private static String withoutLastLineBreak(String text) {
    String unixText = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    boolean windows = unixText.length() < text.length() && unixText.endsWith("\r");
    return windows ? unixText.substring(0, unixText.length() - 1) : unixText;
  }
}

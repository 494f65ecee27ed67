package io.agentlog.files;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/** Writes and reads the small files beside a journal as a whole. */
public final class SmallFile {
  private static final int BYTES_MAX = 64 * 1024;

  private SmallFile() {}

  /** Writes properties without a date, because the first date costs a start some 25 ms. */
  public static void write(Path file, Map<String, String> values) throws IOException {
    StringBuilder text = new StringBuilder("# agentlog journal; do not edit\n");
    values.forEach(
        (key, value) -> {
          escape(text, key);
          escape(text.append('='), value);
          text.append('\n');
        });
    write(file, text.toString().getBytes(StandardCharsets.UTF_8), true);
  }

  private static void escape(StringBuilder text, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\f' -> text.append("\\f");
        case ' ', '\\', '=', ':', '#', '!' -> text.append('\\').append(c);
        default -> text.append(c);
      }
    }
  }

  /** Creates the file, for its owner alone. Fails if the file exists. */
  public static void write(Path file, byte[] content, boolean durably) throws IOException {
    Set<OpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try (FileChannel channel = FileChannel.open(file, options, PrivateFolder.rights("rw-------"))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      if (durably) {
        channel.force(true);
      }
    }
  }

  /** Reads a file that this or an older version wrote; empty if the file is missing. */
  public static Map<String, String> read(Path file) throws IOException {
    Map<String, String> values = new TreeMap<>();
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return values; // Its JVM died while it made the directory, so there is no record.
    }
    if (Files.size(file) > BYTES_MAX) {
      throw new IOException(
          file + " is longer than " + BYTES_MAX + " bytes, so agentlog did not write it");
    }
    Properties properties = new Properties();
    try (Reader reader =
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IllegalArgumentException e) { // The file has a broken escape.
      throw new IOException(file + " can't be read: " + e.getMessage(), e);
    }
    properties.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
    return values;
  }
}

package io.agentlog.agent.bootstrap;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The class files that a start needs. The agent's jar holds them in a few entries, because one
 * inflation of a hundred classes takes less time than a hundred lookups and inflations, most of
 * whose code runs interpreted so early.
 *
 * <p>A pack is read when a class is asked for that may be in it, and stays in memory until the next
 * collection: nearly all of it is asked for within half a second. Thread-safe.
 */
final class ClassPacks {
  /** Classes of every start. */
  static final String START = "start";

  /** Classes that are needed as soon as something is to be recorded. */
  static final String RECORDING = "recording";

  private static final String SUFFIX = ".pack";

  /** Packages of which the second pack has classes; others are not worth a look. */
  private static final String[] RECORDING_PACKAGES = {"io.agentlog.", "net.bytebuddy."};

  private final ZipFile jar;
  private final Pack start = new Pack(START);
  private final Pack recording = new Pack(RECORDING);

  ClassPacks(ZipFile jar) {
    this.jar = jar;
  }

  /**
   * Returns the class file; null if no pack has the class.
   *
   * @param className with dots
   * @throws IOException if the jar can't be read
   */
  byte @Nullable [] find(String className) throws IOException {
    byte[] found = start.find(className);
    for (int i = 0; found == null && i < RECORDING_PACKAGES.length; i++) {
      if (className.startsWith(RECORDING_PACKAGES[i])) {
        found = recording.find(className);
      }
    }
    return found;
  }

  static String entryName(String pack) {
    return AgentClassLoader.PAYLOAD + pack + SUFFIX;
  }

  /**
   * One entry of the jar: for each class the length of its name (2 bytes), its name, the length of
   * its file (4 bytes) and the file.
   */
  private final class Pack {
    private final String name;
    private @Nullable Map<String, Integer> offsets; // Stays, so that a miss reads nothing.
    private WeakReference<byte[]> content = new WeakReference<>(null);

    Pack(String name) {
      this.name = name;
    }

    synchronized byte @Nullable [] find(String className) throws IOException {
      Map<String, Integer> index = offsets;
      if (index == null) {
        index = indexOf(bytes());
        offsets = index;
      }
      Integer offset = index.get(className);
      if (offset == null) {
        return null;
      }
      byte[] bytes = bytes();
      int from = offset + Integer.BYTES;
      return Arrays.copyOfRange(bytes, from, from + intAt(bytes, offset));
    }

    private byte[] bytes() throws IOException {
      byte[] bytes = content.get();
      if (bytes == null) {
        bytes = read();
        content = new WeakReference<>(bytes);
      }
      return bytes;
    }

    private byte[] read() throws IOException {
      ZipEntry entry = jar.getEntry(entryName(name));
      byte[] bytes = new byte[entry == null ? 0 : (int) entry.getSize()];
      if (entry != null) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
          in.readFully(bytes);
        }
      }
      return bytes;
    }

    private Map<String, Integer> indexOf(byte[] bytes) {
      Map<String, Integer> index = new HashMap<>();
      for (int i = 0; i < bytes.length; ) {
        int nameLength = (bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff);
        int length = i + Short.BYTES + nameLength;
        index.put(
            new String(bytes, i + Short.BYTES, nameLength, StandardCharsets.ISO_8859_1), length);
        i = length + Integer.BYTES + intAt(bytes, length);
      }
      return index;
    }

    private int intAt(byte[] bytes, int at) {
      return (bytes[at] & 0xff) << 24
          | (bytes[at + 1] & 0xff) << 16
          | (bytes[at + 2] & 0xff) << 8
          | (bytes[at + 3] & 0xff);
    }
  }
}

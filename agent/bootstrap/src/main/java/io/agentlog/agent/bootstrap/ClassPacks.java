package io.agentlog.agent.bootstrap;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The class files that a start needs. The agent's jar holds them in a few entries, because one
 * inflation of a hundred classes takes less time than a hundred lookups and inflations, most of
 * whose code runs interpreted so early.
 *
 * <p>An entry is read when a class is asked for that may be in it, in the order in which a start
 * asks, and stays in memory until the next collection. Entries are small, because half of a small
 * heap's region is the limit up to which an array needs no region of its own. Thread-safe.
 */
final class ClassPacks {
  /** Classes of every start. */
  static final String START = "start";

  /** Classes that are needed as soon as something is to be recorded. */
  static final String RECORDING = "recording";

  /** Classes that weave, which a start with woven classes on disk does not need. */
  static final String WEAVING = "weaving";

  private static final String SUFFIX = ".pack";

  /** Packages of which the packs have classes; others are not worth a look. */
  private static final String[] RECORDING_PACKAGES = {"io.agentlog.", "net.bytebuddy."};

  private static final String[] WEAVING_PACKAGES = {
    "io.agentlog.agent.instrumentation.", "net.bytebuddy."
  };

  private final ZipFile jar;
  private final Pack start = new Pack(START);
  private final Pack recording = new Pack(RECORDING);
  private final Pack weaving = new Pack(WEAVING);

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
    if (found == null && isInOne(className, RECORDING_PACKAGES)) {
      found = recording.find(className);
    }
    if (found == null && isInOne(className, WEAVING_PACKAGES)) {
      found = weaving.find(className);
    }
    return found;
  }

  private static boolean isInOne(String className, String[] packages) {
    for (String prefix : packages) {
      if (className.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** Names an entry of a pack; they are numbered from 0 on. */
  static String entryName(String pack, int number) {
    return AgentClassLoader.PAYLOAD + pack + "-" + number + SUFFIX;
  }

  /** The entries of one list of classes. */
  private final class Pack {
    private final String name;
    private final List<Part> parts = new ArrayList<>();
    private boolean isComplete;

    Pack(String name) {
      this.name = name;
    }

    synchronized byte @Nullable [] find(String className) throws IOException {
      for (int i = 0; i < parts.size() || readNext(); i++) {
        byte[] found = parts.get(i).find(className);
        if (found != null) {
          return found;
        }
      }
      return null;
    }

    private boolean readNext() throws IOException {
      if (!isComplete) {
        ZipEntry entry = jar.getEntry(entryName(name, parts.size()));
        isComplete = entry == null;
        if (entry != null) {
          parts.add(new Part(entry));
        }
      }
      return !isComplete;
    }
  }

  /**
   * One entry: for each class the length of its name (2 bytes), its name, the length of its file (4
   * bytes) and the file.
   */
  private final class Part {
    private final ZipEntry entry;
    private final Map<String, Integer> offsets = new HashMap<>(); // Stays: a miss reads nothing.
    private WeakReference<byte[]> content = new WeakReference<>(null);

    Part(ZipEntry entry) throws IOException {
      this.entry = entry;
      byte[] bytes = bytes();
      try {
        for (int i = 0; i < bytes.length; ) {
          int nameLength = (bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff);
          int length = i + Short.BYTES + nameLength;
          offsets.put(
              new String(bytes, i + Short.BYTES, nameLength, StandardCharsets.ISO_8859_1), length);
          i = length + Integer.BYTES + intAt(bytes, length);
        }
      } catch (IndexOutOfBoundsException e) {
        throw damaged(e);
      }
    }

    byte @Nullable [] find(String className) throws IOException {
      Integer offset = offsets.get(className);
      if (offset == null) {
        return null;
      }
      byte[] bytes = bytes();
      int from = offset + Integer.BYTES;
      try {
        return Arrays.copyOfRange(bytes, from, from + intAt(bytes, offset));
      } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
        throw damaged(e);
      }
    }

    private IOException damaged(RuntimeException cause) {
      return new IOException(entry.getName() + " is damaged", cause);
    }

    private byte[] bytes() throws IOException {
      byte[] bytes = content.get();
      if (bytes == null) {
        bytes = new byte[(int) entry.getSize()];
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
          in.readFully(bytes);
        }
        content = new WeakReference<>(bytes);
      }
      return bytes;
    }

    private int intAt(byte[] bytes, int at) {
      return (bytes[at] & 0xff) << 24
          | (bytes[at + 1] & 0xff) << 16
          | (bytes[at + 2] & 0xff) << 8
          | (bytes[at + 3] & 0xff);
    }
  }
}

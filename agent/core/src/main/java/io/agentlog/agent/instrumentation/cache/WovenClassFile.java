package io.agentlog.agent.instrumentation.cache;

import io.agentlog.agent.instrumentation.cache.WovenClasses.Entry;
import io.agentlog.files.OwnFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The file of the woven classes in the folder of a service. The JVM runs what is in it, so it is
 * read only where nobody else can have written it.
 *
 * <pre>
 *  magic, CRC-32 of the rest | generation | number of classes | key, original, woven; ...
 * </pre>
 *
 * <p>A generation is one build of the agent on one build of the JDK. Each has a file of its own, so
 * that a service may run on two JDKs.
 */
final class WovenClassFile {
  /** Longest file. The classes of the JDK take about half a mebibyte. */
  static final int BYTES_MAX = 4 << 20;

  /** Longest key; a file's format holds no longer one. */
  static final int KEY_CHARS_MAX = 16 << 10;

  /** Files of a service, one for each agent and JDK. The oldest goes. */
  static final int FILES_MAX = 4;

  private static final String PREFIX = "woven-";
  private static final String SUFFIX = ".classes";
  private static final int MAGIC = 0x61676c77;
  private static final int HEADER_BYTES = 2 * Integer.BYTES;

  private final Path folder;
  private final String name;
  private final String generation;

  /**
   * @param folder of the service; may be missing
   * @param agentBuild differs for each agent that weaves differently
   */
  WovenClassFile(Path folder, String agentBuild) {
    this.folder = folder;
    this.generation =
        String.join(
            " ",
            agentBuild,
            System.getProperty("java.vm.vendor", ""),
            System.getProperty("java.vm.name", ""),
            System.getProperty("java.vm.version", ""));
    this.name = PREFIX + checksum(generation.getBytes(StandardCharsets.UTF_8), 0) + SUFFIX;
  }

  /**
   * Returns the classes by their keys; none if there is no file of this generation.
   *
   * @throws IOException if the file can't be read, is damaged, or may be somebody else's
   */
  Map<String, Entry> read() throws IOException {
    byte[] bytes = OwnFiles.read(folder, name, BYTES_MAX);
    Map<String, Entry> entries = new HashMap<>();
    if (bytes == null) {
      return entries;
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    if (in.readInt() != MAGIC || in.readInt() != (int) checksum(bytes, HEADER_BYTES)) {
      throw new IOException(name + " in " + folder + " is damaged");
    }
    if (!in.readUTF().equals(generation)) {
      return entries;
    }
    for (int left = in.readInt(); left > 0; left--) {
      String key = in.readUTF();
      entries.put(key, new Entry(array(in), array(in), false));
    }
    return entries;
  }

  private static byte[] array(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }

  /** Replaces the file, for its owner alone. */
  void write(Map<String, Entry> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(generation);
    Map<String, Entry> written = Map.copyOf(entries);
    out.writeInt(written.size());
    for (Map.Entry<String, Entry> entry : written.entrySet()) {
      out.writeUTF(entry.getKey());
      write(out, entry.getValue().original());
      write(out, entry.getValue().woven());
    }
    byte[] content = bytes.toByteArray();
    ByteArrayOutputStream file = new ByteArrayOutputStream(HEADER_BYTES + content.length);
    DataOutputStream header = new DataOutputStream(file);
    header.writeInt(MAGIC);
    header.writeInt((int) checksum(content, 0));
    header.write(content);
    OwnFiles.replace(folder, name, file.toByteArray());
    OwnFiles.keepNewest(folder, PREFIX, FILES_MAX);
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static long checksum(byte[] bytes, int from) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, bytes.length - from);
    return crc.getValue();
  }
}

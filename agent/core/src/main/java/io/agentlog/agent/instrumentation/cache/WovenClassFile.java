package io.agentlog.agent.instrumentation.cache;

import io.agentlog.agent.instrumentation.cache.WovenClasses.Entry;
import io.agentlog.files.OwnFiles;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The file of the woven classes in the folder of a service. The JVM runs what is in it, so it is
 * read only where nobody else can have written it.
 *
 * <pre>
 *  magic | generation | number of classes | key, original, woven; ... | CRC-32 of all before
 * </pre>
 *
 * <p>A generation is one build of the agent on one build of the JDK. Each has a file of its own, so
 * that a service may run on two JDKs.
 */
final class WovenClassFile {
  /** Longest key in characters. */
  static final int KEY_CHARS_MAX = 16 << 10;

  /** Files of a service, one for each agent and JDK. The one that was not used for longest goes. */
  static final int FILES_MAX = 4;

  /** Room for all that is no entry. */
  static final int HEADER_BYTES_MAX = 2 << 10;

  private static final String PREFIX = "woven-";
  private static final String SUFFIX = ".classes";
  private static final int MAGIC = 0x61676c78;

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
    CRC32 crc = new CRC32();
    crc.update(generation.getBytes(StandardCharsets.UTF_8));
    this.name = PREFIX + Long.toHexString(crc.getValue()) + SUFFIX;
  }

  /** Returns the bytes that an entry takes in the file. */
  static int length(String key, Entry entry) {
    int keyBytes = key.getBytes(StandardCharsets.UTF_8).length;
    return Short.BYTES
        + keyBytes
        + 2 * Integer.BYTES
        + entry.original().length
        + entry.woven().length;
  }

  /**
   * Returns the classes by their keys; none if there is no file of this generation.
   *
   * @throws IOException if the file can't be read, is longer than {@code bytesMax}, is damaged, or
   *     may be somebody else's
   */
  Map<String, Entry> read(int bytesMax) throws IOException {
    Map<String, Entry> entries = new HashMap<>();
    try (InputStream file = OwnFiles.open(folder, name, bytesMax)) {
      if (file == null) {
        return entries;
      }
      CheckedInputStream checked = new CheckedInputStream(file, new CRC32());
      DataInputStream in = new DataInputStream(checked);
      if (in.readInt() != MAGIC || !in.readUTF().equals(generation)) {
        throw new IOException(name + " in " + folder + " has another beginning");
      }
      for (int left = in.readInt(); left > 0; left--) {
        String key = in.readUTF();
        entries.put(key, new Entry(array(in, bytesMax), array(in, bytesMax), false));
      }
      int sum = (int) checked.getChecksum().getValue();
      if (in.readInt() != sum || in.read() >= 0) {
        throw new IOException(name + " in " + folder + " is damaged");
      }
    }
    OwnFiles.renewIfOld(folder.resolve(name));
    return entries;
  }

  private static byte[] array(DataInputStream in, int bytesMax) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > bytesMax) {
      throw new IOException("a class of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** Replaces the file, for its owner alone. */
  void write(Map<String, Entry> entries) throws IOException {
    Map<String, Entry> written = Map.copyOf(entries);
    OwnFiles.replace(
        folder,
        name,
        file -> {
          CheckedOutputStream checked = new CheckedOutputStream(file, new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          out.writeInt(MAGIC);
          out.writeUTF(generation);
          out.writeInt(written.size());
          for (Map.Entry<String, Entry> entry : written.entrySet()) {
            out.writeUTF(entry.getKey());
            write(out, entry.getValue().original());
            write(out, entry.getValue().woven());
          }
          out.writeInt((int) checked.getChecksum().getValue());
          out.flush();
        });
    OwnFiles.keepNewest(folder, PREFIX, FILES_MAX);
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}

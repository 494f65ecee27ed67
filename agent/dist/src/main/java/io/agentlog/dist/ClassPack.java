package io.agentlog.dist;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Class files in a few entries of the jar, each of which the agent's class loader reads at once. A
 * file beside this class lists them, in the order in which a start loads them. A name of the list
 * that is no class of the agent is left out: lists age, and a class that isn't in a pack is loaded
 * from an entry of its own.
 *
 * @param name of the pack; {@code NAME.classes} is its list, {@code NAME-0.pack} its first entry
 * @param classes internal names
 */
record ClassPack(String name, List<String> classes) {
  /** An entry is read into one array, which should need no region of its own in a small heap. */
  private static final int PART_LENGTH_MAX_BYTES = 256 << 10;

  static final List<ClassPack> WRITTEN =
      List.of(
          read("start", ""),
          read("recording", "io/agentlog/", "net/bytebuddy/"),
          read("weaving", "io/agentlog/agent/instrumentation/", "net/bytebuddy/"));

  static boolean isInOne(String className) {
    return WRITTEN.stream().anyMatch(pack -> pack.classes().contains(className));
  }

  /**
   * Reads the list; the agent's class loader looks into the pack only for classes of its packages.
   */
  private static ClassPack read(String name, String... packages) {
    try (InputStream in = ClassPack.class.getResourceAsStream(name + ".classes")) {
      String text = new String(requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
      return new ClassPack(
          name,
          text.lines()
              .filter(line -> !line.isEmpty() && Stream.of(packages).anyMatch(line::startsWith))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the pack's entries, and one that names its classes for those who look for all classes. */
  void addTo(Map<String, byte[]> entries, Map<String, byte[]> all) {
    List<byte[]> parts = partsOf(all);
    for (int i = 0; i < parts.size(); i++) {
      entries.put(AgentJarAssembly.PAYLOAD + name + "-" + i + ".pack", parts.get(i));
    }
    entries.put(
        AgentJarAssembly.PAYLOAD + name + ".classes",
        classes.stream()
            .filter(all::containsKey)
            .collect(Collectors.joining("\n"))
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Returns each class as the length of its name, the name, its own length and its bytes. */
  private List<byte[]> partsOf(Map<String, byte[]> all) {
    List<byte[]> parts = new ArrayList<>();
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    for (String internalName : classes) {
      byte[] classFile = all.get(internalName);
      if (classFile == null) {
        continue;
      }
      if (part.size() > 0 && part.size() + classFile.length > PART_LENGTH_MAX_BYTES) {
        parts.add(part.toByteArray());
        part.reset();
      }
      try {
        DataOutputStream out = new DataOutputStream(part);
        byte[] className = internalName.replace('/', '.').getBytes(StandardCharsets.ISO_8859_1);
        out.writeShort(className.length);
        out.write(className);
        out.writeInt(classFile.length);
        out.write(classFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    parts.add(part.toByteArray());
    return parts;
  }
}

package io.agentlog.dist;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Turns the agent's classes and libraries into one jar. The same input gives the same bytes.
 *
 * <p>Fails if a library no longer has the code to patch, if a rewritten reference has no target, or
 * if the jar is larger than its budget.
 */
public final class AgentJarAssembly {
  /** Budget of the shipped jar, in bytes. */
  static final long JAR_LENGTH_MAX_BYTES = 20L << 20;

  /** Bytes of the checksum that tells builds apart. */
  private static final int BUILD_BYTES = 16;

  private static final double BYTES_PER_MIB = 1 << 20;

  static final String PAYLOAD = "agentlog/";
  private static final String LICENSES = "META-INF/licenses/";

  /** Path at which scanners of jars look. */
  private static final String MATERIALS = "META-INF/sbom/agentlog.cdx.json";

  private static final String VERSION = PAYLOAD + "io/agentlog/agent/version.properties";

  private AgentJarAssembly() {}

  /**
   * Assembles the jar; the build calls this.
   *
   * @param arguments folder of the jars to assemble, jar to write, version, time of all entries
   *     (ISO 8601), licence of agentlog, bill of materials in CycloneDX's JSON
   */
  public static void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[1]);
    assemble(
        Path.of(arguments[0]),
        jar,
        arguments[2],
        Instant.parse(arguments[3]),
        Path.of(arguments[4]),
        Path.of(arguments[5]));
    long length = Files.size(jar);
    System.out.printf(
        "%s: %,d bytes, %.1f of %d MiB%n",
        jar.getFileName(), length, length / BYTES_PER_MIB, JAR_LENGTH_MAX_BYTES >> 20);
    if (length > JAR_LENGTH_MAX_BYTES) {
      throw new IllegalStateException(
          jar + " is larger than its budget. Drop content that the agent does not need");
    }
  }

  /** Writes the jar without checking its size. */
  static void assemble(
      Path libraries, Path jar, String version, Instant timestamp, Path license, Path materials)
      throws IOException {
    Payload payload = Payload.read(jarsIn(libraries));
    ClassRewriter rewriter = new ClassRewriter();
    SortedMap<String, byte[]> classes = new TreeMap<>();
    payload.classes().forEach((name, bytes) -> classes.put(name, rewriter.rewrite(name, bytes)));
    rewriter.checkComplete();
    LambdaClasses.add(classes);

    SortedMap<String, byte[]> entries = new TreeMap<>();
    ClassPack.WRITTEN.forEach(pack -> pack.addTo(entries, classes));
    for (Map.Entry<String, byte[]> entry : List.copyOf(classes.entrySet())) {
      String name = entry.getKey();
      if (ClassPack.isInOne(name)) {
        continue;
      }
      String bridge = ClassRewriter.BRIDGE_ENTRIES.get(name);
      if (bridge != null) {
        entries.put(PAYLOAD + bridge + ".classdata", entry.getValue());
      } else if (name.startsWith(ClassRewriter.BOOTSTRAP_PACKAGE)) {
        entries.put(name + ".class", entry.getValue());
        classes.remove(name);
      } else {
        entries.put(PAYLOAD + name + ".classdata", entry.getValue());
      }
    }
    new StubReferences(classes).check();
    payload.resources().forEach((name, bytes) -> entries.put(PAYLOAD + name, bytes));
    byte[] versionFile = entries.get(VERSION);
    if (versionFile != null) {
      entries.put(VERSION, withBuild(versionFile, entries));
    }
    payload.licenses().forEach((name, bytes) -> entries.put(LICENSES + name, bytes));
    entries.put(LICENSES + "agentlog/LICENSE", Files.readAllBytes(license));
    entries.put(MATERIALS, BillOfMaterials.read(materials));
    StableJar.write(jar, manifest(version), entries, timestamp);
  }

  /** Returns the version's properties and a checksum of all entries, by which builds differ. */
  private static byte[] withBuild(byte[] versionFile, SortedMap<String, byte[]> entries) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      entries.forEach(
          (name, bytes) -> {
            digest.update((name + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
          });
      String version = new String(versionFile, StandardCharsets.ISO_8859_1);
      String build = HexFormat.of().formatHex(digest.digest(), 0, BUILD_BYTES);
      return (version.stripTrailing() + "\nbuild=" + build + "\n")
          .getBytes(StandardCharsets.ISO_8859_1);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns the manifest as text, because {@code Manifest} promises no order of attributes. */
  private static String manifest(String version) {
    String entry = ClassRewriter.BOOTSTRAP_PACKAGE.replace('/', '.') + "AgentEntry";
    return String.join(
        "\r\n",
        "Manifest-Version: 1.0",
        "Premain-Class: " + entry,
        "Agent-Class: " + entry,
        "Main-Class: " + entry,
        "Can-Redefine-Classes: true",
        "Can-Retransform-Classes: true",
        "Implementation-Title: agentlog",
        "Implementation-Version: " + version,
        "",
        "");
  }

  private static List<Path> jarsIn(Path folder) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
    }
    return jars;
  }
}

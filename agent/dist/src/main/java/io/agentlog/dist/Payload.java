package io.agentlog.dist;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Content of the jars to assemble, sorted by its use.
 *
 * @param classes class files by internal name; of several releases the highest up to Java 17
 * @param resources other files by path; service files of the same name are merged
 * @param licenses licences and notices by {@code artifact/file}
 */
record Payload(
    SortedMap<String, byte[]> classes,
    SortedMap<String, byte[]> resources,
    SortedMap<String, byte[]> licenses) {
  private static final Runtime.Version RELEASE = Runtime.Version.parse("17");
  private static final String CLASS = ".class";
  private static final String SERVICES = "META-INF/services/";

  private static final Pattern LICENSE =
      Pattern.compile("META-INF/licenses/.*|(META-INF/)?[^/]*(LICENSE|NOTICE|DEPENDENCIES)[^/]*");

  /**
   * Files without use at run time: build metadata, signatures, Kafka's protocol descriptions, and
   * parts of Byte Buddy that only its builder of agents and its build plugins use.
   */
  private static final Pattern DROPPED =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|INDEX\\.LIST|(maven|proguard|native-image|versions)/.*|[^/]*\\.(SF|RSA|DSA|EC))"
              + "|OSGI-INF/.*|(.*/)?(module-info|package-info)\\.class|common/message/.*"
              + "|org/apache/kafka/shaded/org/apache/commons/net/fuzzer/.*"
              + "|net/bytebuddy/(agent/builder|build)/.*");

  static Payload read(List<Path> jars) throws IOException {
    Payload payload = new Payload(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (Path jar : jars) {
      payload.add(jar);
    }
    return payload;
  }

  private void add(Path path) throws IOException {
    String fileName = path.getFileName().toString();
    String artifact = fileName.substring(0, fileName.length() - ".jar".length());
    try (JarFile jar = new JarFile(path.toFile(), false, ZipFile.OPEN_READ, RELEASE)) {
      // The versioned stream yields each entry once, under its plain name, for RELEASE.
      for (ZipEntry entry : jar.versionedStream().toList()) {
        String name = entry.getName();
        if (entry.isDirectory() || DROPPED.matcher(name).matches()) {
          continue;
        }
        byte[] bytes = jar.getInputStream(entry).readAllBytes();
        if (LICENSE.matcher(name).matches()) {
          String file = name.replaceFirst("^META-INF/(licenses/)?", "");
          put(licenses, artifact + "/" + file, bytes, path);
        } else if (name.endsWith(CLASS)) {
          put(classes, name.substring(0, name.length() - CLASS.length()), bytes, path);
        } else if (name.startsWith(SERVICES)) {
          resources.merge(name, bytes, Payload::mergeServices);
        } else {
          put(resources, name, bytes, path);
        }
      }
    }
  }

  private static void put(
      SortedMap<String, byte[]> target, String name, byte[] bytes, Path source) {
    byte[] other = target.putIfAbsent(name, bytes);
    if (other != null && !Arrays.equals(other, bytes)) {
      throw new IllegalStateException(
          name + " of " + source + " differs from the one of an earlier jar");
    }
  }

  private static byte[] mergeServices(byte[] some, byte[] more) {
    NavigableSet<String> lines = new TreeSet<>();
    for (byte[] file : List.of(some, more)) {
      new String(file, StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .forEach(lines::add);
    }
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}

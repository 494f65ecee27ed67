package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The shipped files that the tests run: the agent's jar and the plugin's archive. */
final class Artifacts {
  private Artifacts() {}

  /** {@code agentlog.jar}, agent and commands. */
  static Path agentJar() {
    return existing("agentlog.jar", "../agent/dist/target/agentlog.jar");
  }

  /** The archive of the plugin, as users download it. */
  static Path pluginZip() {
    return existing("agentlog.connect.zip", "target/agentlog-agentlog-connect-0.1.0-SNAPSHOT.zip");
  }

  /** Unpacks the plugin as a user does, into a folder of plugins. */
  static void unzipPlugin(Path pluginPath) {
    try (ZipFile zip = new ZipFile(pluginZip().toFile())) {
      for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
        ZipEntry entry = entries.nextElement();
        Path target = pluginPath.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(zip.getInputStream(entry), target);
        }
      }
    } catch (IOException e) {
      throw new AssertionError("can't unpack " + pluginZip(), e);
    }
  }

  /** The settings of a file in the folder {@code etc} of the unpacked plugin. */
  static Map<String, String> settings(Path pluginPath, String name) throws IOException {
    Properties properties = new Properties();
    try (Stream<Path> files = Files.walk(pluginPath)) {
      Path file =
          files.filter(path -> path.endsWith(Path.of("etc", name))).findFirst().orElseThrow();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
    }
    Map<String, String> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put((String) key, (String) value));
    return settings;
  }

  private static Path existing(String property, String defaultPath) {
    Path path = Path.of(System.getProperty(property, defaultPath)).toAbsolutePath().normalize();
    assertThat(path).as("%s; run: mvn package", property).exists();
    return path;
  }
}

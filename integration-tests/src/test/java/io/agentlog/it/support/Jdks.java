package io.agentlog.it.support;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** The JDKs of this machine. */
public final class Jdks {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/lib/jvm"),
          Path.of("/opt/java"),
          Path.of("/opt"),
          Path.of(System.getProperty("user.home"), ".sdkman/candidates/java"),
          Path.of("/Library/Java/JavaVirtualMachines"));

  private Jdks() {}

  /** The JDK of the applications under test: {@code -Dagentlog.it.java.home}, else this JVM's. */
  public static Path underTest() {
    return Path.of(System.getProperty("agentlog.it.java.home", System.getProperty("java.home")));
  }

  /** The feature version of the JDK under test. */
  public static int versionUnderTest() {
    return version(underTest()).orElseGet(() -> Runtime.version().feature());
  }

  /** A JDK of a feature version. Without one on this machine the test is skipped with a message. */
  public static Path ofVersion(int feature) {
    Optional<Path> found = find(feature);
    assumeThat(found).as("a JDK " + feature + " on this machine").isPresent();
    return found.orElseThrow();
  }

  private static Optional<Path> find(int feature) {
    for (Path candidate : List.of(underTest(), Path.of(System.getProperty("java.home")))) {
      if (version(candidate).equals(Optional.of(feature))) {
        return Optional.of(candidate);
      }
    }
    return PLACES.stream()
        .filter(Files::isDirectory)
        .flatMap(Jdks::children)
        .flatMap(home -> Stream.of(home, home.resolve("Contents/Home")))
        .filter(home -> version(home).equals(Optional.of(feature)))
        .findFirst();
  }

  private static Stream<Path> children(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList().stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  /** Reads the version from the JDK's release file, because starting a JVM costs half a second. */
  private static Optional<Integer> version(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.exists(release)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(release)) {
      properties.load(in);
      String text = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
      return Optional.of(Runtime.Version.parse(text).feature());
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.PackageRules;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.instrumentation.FrameworkCheck.Findings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: whatever a version of a framework renames is found before a user finds it. Method: the
 * hooks and reads of each framework are looked for in the class files of released jars, old and
 * new; no class of them is loaded. {@code src/test/frameworks/versions.txt} names the jars.
 */
class FrameworkContractIT {
  private static final Path FOLDER = PackageRules.root().resolve("agent/core/target/frameworks");
  private static final Pattern JAR = Pattern.compile("(.+?)-((\\d+\\.\\d+\\.\\d+).*)\\.jar");
  private static final int VERSIONS_MIN = 7;

  /** Jars of one release by their artifacts. */
  private record Release(String number, Map<String, Path> jars, Map<String, String> versions) {
    boolean has(String artifact) {
      return jars.containsKey(artifact);
    }

    byte @Nullable [] file(String className) {
      for (Path path : jars.values()) {
        try (JarFile jar = new JarFile(path.toFile())) {
          var entry = jar.getEntry(className + ".class");
          if (entry != null) {
            try (InputStream in = jar.getInputStream(entry)) {
              return in.readAllBytes();
            }
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return null;
    }

    @Override
    public String toString() {
      return number;
    }
  }

  static Stream<Arguments> releasesOfFrameworks() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (FrameworkSpec framework : FrameworkWeaving.known()) {
      for (Release release : releases()) {
        if (release.has(artifact(framework))) {
          all.add(Arguments.of(framework.name(), framework, release));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("releasesOfFrameworks")
  void releaseHasAllThatIsWovenAndRead(String name, FrameworkSpec framework, Release release) {
    Findings findings = new FrameworkCheck(framework, true, release::file).compare();

    assertThat(findings.missing()).isEmpty();
    assertThat(findings.hooksMatched()).isPositive();
  }

  @Test
  void oldestAndNewestTestedVersionAreAmongAtLeastSeven() throws IOException {
    assertThat(FrameworkWeaving.known()).isNotEmpty();
    for (FrameworkSpec framework : FrameworkWeaving.known()) {
      List<String> versions = new ArrayList<>();
      for (Release release : releases()) {
        String version = release.versions.get(artifact(framework));
        if (version != null) {
          versions.add(version);
        }
      }
      assertThat(versions)
          .as(framework.name())
          .contains(framework.oldest())
          .containsAll(framework.tested())
          .hasSizeGreaterThanOrEqualTo(VERSIONS_MIN);
    }
  }

  private static String artifact(FrameworkSpec framework) {
    return framework.artifact().substring(framework.artifact().indexOf(':') + 1);
  }

  private static List<Release> releases() throws IOException {
    Map<String, Release> releases = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        Matcher name = JAR.matcher(file.getFileName().toString());
        if (name.matches()) {
          Release release =
              releases.computeIfAbsent(
                  group(name.group(1)) + " " + name.group(3),
                  number -> new Release(number, new TreeMap<>(), new TreeMap<>()));
          release.jars.put(name.group(1), file);
          release.versions.put(name.group(1), name.group(2));
        }
      }
    }
    return List.copyOf(releases.values());
  }

  /** Artifacts of two frameworks may have the same version. */
  private static String group(String artifact) {
    return artifact.substring(
        0, artifact.indexOf('-') < 0 ? artifact.length() : artifact.indexOf('-'));
  }
}

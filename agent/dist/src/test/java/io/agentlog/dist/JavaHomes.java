package io.agentlog.dist;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The JDKs on which tests run the agent: the paths in the environment variable {@code
 * AGENTLOG_TEST_JAVA_HOMES}, the JDK of the build, and the JDKs beside it.
 */
final class JavaHomes {
  private JavaHomes() {}

  /** Returns a JDK of that feature version; without one, the test is skipped with a message. */
  static Path ofFeature(int feature) {
    return candidates().stream()
        .filter(home -> featureOf(home) == feature)
        .findFirst()
        .orElseGet(
            () ->
                Assumptions.abort(
                    "no JDK " + feature + " found: name one in AGENTLOG_TEST_JAVA_HOMES"));
  }

  private static List<Path> candidates() {
    List<Path> homes = new ArrayList<>();
    String named = Objects.requireNonNullElse(System.getenv("AGENTLOG_TEST_JAVA_HOMES"), "");
    for (String home : named.split(File.pathSeparator, -1)) {
      if (!home.isBlank()) {
        homes.add(Path.of(home));
      }
    }
    Path own = Path.of(System.getProperty("java.home"));
    homes.add(own);
    Path neighbourhood = own.getParent();
    if (neighbourhood != null) {
      try (Stream<Path> neighbours = Files.list(neighbourhood)) {
        neighbours.sorted().forEach(homes::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return homes;
  }

  /** Returns the feature version of a JDK; 0 if the folder is no JDK. */
  private static int featureOf(Path home) {
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.exists(home.resolve("release"))) {
      return 0;
    }
    Properties release = new Properties();
    try (Reader in = Files.newBufferedReader(home.resolve("release"))) {
      release.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = release.getProperty("JAVA_VERSION", "0").replace("\"", "");
    return version.startsWith("1.") ? 8 : Runtime.Version.parse(version).feature();
  }
}

package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Libraries of the tests' applications, in the tested versions. The build copies each set into a
 * folder of its own.
 */
public final class Libraries {
  private Libraries() {}

  /** The class path of a set. */
  public static String classPath(String set) {
    Path folder = Path.of(System.getProperty("agentlog.it.libraries", "target/libraries"), set);
    try (Stream<Path> jars = Files.list(folder)) {
      String classPath =
          jars.map(jar -> jar.toAbsolutePath().toString())
              .sorted()
              .collect(Collectors.joining(File.pathSeparator));
      assertThat(classPath).as("jars in %s", folder).isNotEmpty();
      return classPath;
    } catch (IOException e) {
      throw new UncheckedIOException("run: mvn package", e);
    }
  }
}

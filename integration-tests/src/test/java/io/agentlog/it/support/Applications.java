package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/**
 * Applications of the tests that use a framework. They are compiled against the very version that
 * they run with, as those of users are.
 */
public final class Applications {
  private Applications() {}

  /**
   * Compiles sources into a new folder.
   *
   * @param libraries name of the set that they are compiled against and run with
   * @param resources of the sources, below {@code frameworks}
   * @return the class path to run them with
   */
  public static String compile(Path directory, String libraries, String... resources)
      throws IOException {
    String classPath = Libraries.classPath(libraries);
    Path sources = Files.createDirectories(directory.resolve("sources-" + libraries));
    Path classes = Files.createDirectories(directory.resolve("classes-" + libraries));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--release",
                "17",
                "-nowarn",
                "-proc:none",
                "-parameters",
                "-g",
                "-encoding",
                "UTF-8",
                "-cp",
                classPath,
                "-d",
                classes.toString()));
    for (String resource : resources) {
      Path source = sources.resolve(resource.substring(resource.lastIndexOf('/') + 1));
      try (InputStream in = Applications.class.getResourceAsStream("/frameworks/" + resource)) {
        assertThat(in).as(resource).isNotNull();
        Files.copy(in, source);
      }
      arguments.add(source.toString());
    }
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, errors, arguments.toArray(String[]::new));
    assertThat(status).as("javac with %s: %s", libraries, errors).isZero();
    return classes + File.pathSeparator + classPath;
  }
}

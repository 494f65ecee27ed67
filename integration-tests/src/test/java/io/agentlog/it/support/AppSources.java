package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/**
 * Applications whose sources are resources of the tests: they are compiled against each version of
 * a framework, whose signatures differ.
 */
public final class AppSources {
  private AppSources() {}

  /**
   * Compiles sources and returns the class path to run them with.
   *
   * @param folder of the resources
   * @param libraries class path that they are compiled and run with
   */
  public static String compile(Path directory, String libraries, String folder, String... names) {
    Path classes = directory.resolve("app-classes");
    List<String> arguments =
        new ArrayList<>(
            List.of("-nowarn", "-proc:none", "-parameters", "--release", "17", "-cp", libraries));
    arguments.addAll(List.of("-d", classes.toString()));
    try {
      Path sources = Files.createDirectories(directory.resolve("app-sources"));
      Files.createDirectories(classes);
      for (String name : names) {
        Path source = sources.resolve(name);
        try (InputStream in = AppSources.class.getResourceAsStream(folder + "/" + name)) {
          assertThat(in).as("resource %s/%s", folder, name).isNotNull();
          Files.copy(in, source);
        }
        arguments.add(source.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, messages, messages, arguments.toArray(String[]::new));
    assertThat(status).as("%s", messages.toString(StandardCharsets.UTF_8)).isZero();
    return classes + File.pathSeparator + libraries;
  }
}

package io.agentlog.agent.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The services whose folders a command works on: the options {@code --service} and {@code --dir}.
 */
final class FolderOptions {
  @Option(
      names = "--service",
      paramLabel = "NAME",
      description =
          "Only this service; same as agentlog.service. Default: all services under the base directory.")
  private @Nullable String service;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The base directory; same as agentlog.dir.")
  private @Nullable String dir;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /** Loads the configuration, including these options. */
  LoadedConfig load(CommandSettings settings) {
    Map<String, @Nullable String> given = new HashMap<>();
    given.put(Options.SERVICE.key(), service);
    given.put(Options.DIR.key(), dir);
    return settings.load(given);
  }

  /**
   * Finds the folder of the configured service, or the folders of all services in the base
   * directory.
   *
   * @throws ParameterException if the base directory is missing or not usable; the message says
   *     what to do
   */
  List<Path> find(Config config) {
    try {
      return find(config, System.getenv());
    } catch (IOException e) {
      throw new ParameterException(
          requireNonNull(spec, "set by picocli").commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Path> find(Config config, Map<String, String> environment)
      throws IOException {
    String asked = config.find(Options.DIR);
    if (asked != null && !isDirectory(asked)) {
      // Not created: a command that created the folder would report that it is empty.
      throw new IOException(
          asked + " is not there: give --dir the folder that the application has as agentlog.dir");
    }
    BaseDirectory base = BaseDirectory.find(config, System.getProperties(), environment);
    Path path = base.path();
    if (path == null) {
      throw new IOException(String.join("; ", base.problems()));
    }
    ServiceName service = ServiceName.configured(config, environment);
    if (service != null) {
      return List.of(path.resolve(service.folder()));
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    }
  }

  private static boolean isDirectory(String name) throws IOException {
    try {
      return Files.isDirectory(Path.of(name));
    } catch (InvalidPathException e) { // Java's message quotes the name.
      throw new IOException(
          e.getMessage() + ". Set LC_ALL to a locale with UTF-8, or name another folder", e);
    }
  }
}

package io.agentlog.commandline;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.AgentLog;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The configuration of a command: {@code -o}, and the places where the agent finds settings. */
public final class CommandSettings {
  private static final String NO_DATABASE =
      "no database is named: set postgres.host or postgres.url, with -o or where the agent finds its settings";

  @Option(
      names = "-o",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of docs/configuration.md; may be given several times. Other settings come from where the agent finds them: system properties agentlog.KEY, environment variables AGENTLOG_KEY, the file that AGENTLOG_CONFIG names.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * Loads the configuration, as {@link #load}, for a command that needs a database.
   *
   * @throws ParameterException if the configuration names none
   */
  public LoadedConfig loadWithDatabase(Map<String, @Nullable String> more) {
    LoadedConfig config = load(more);
    if (!SinkChoice.of(config).has(SinkChoice.POSTGRES)) {
      throw new ParameterException(
          requireNonNull(command, "set by picocli").commandLine(), NO_DATABASE);
    }
    return config;
  }

  /**
   * Loads the configuration and logs its problems.
   *
   * @param more settings from the command's own options; null values are left out
   */
  public LoadedConfig load(Map<String, @Nullable String> more) {
    LoadedConfig config = loadQuietly(more);
    config.problems().forEach(problem -> AgentLog.warn("config", problem));
    return config;
  }

  /** As {@link #load}, for a command that reports the problems itself. */
  public LoadedConfig loadQuietly(Map<String, @Nullable String> more) {
    Map<String, String> given = new LinkedHashMap<>(settings);
    more.forEach(
        (key, value) -> {
          if (value != null) {
            given.put(key, value);
          }
        });
    LoadedConfig config =
        ConfigLoader.loadForCommand(given, System.getProperties(), System.getenv());
    AgentLog.setLevel(config.get(Options.LOG_LEVEL));
    return config;
  }
}

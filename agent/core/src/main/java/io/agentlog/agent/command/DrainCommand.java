package io.agentlog.agent.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.NearestKey;
import io.agentlog.config.Options;
import io.agentlog.config.SinkChoice;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The command {@code drain}: its options and its result. {@link Drain} does the work, and prints a
 * line for each file of parked events; {@link io.agentlog.agent.delivery.DeadJournals} prints one
 * for each journal.
 */
@Command(
    name = "drain",
    description = {
      "Delivers what dead JVMs left behind to the configured sinks, and removes each journal once it is delivered. Run it as the user of the service.",
      "Exit status: 0 nothing is left, 1 journals or events are left, 2 wrong arguments."
    })
final class DrainCommand implements Callable<Integer> {
  @Mixin private FolderOptions folders = new FolderOptions();

  @Option(
      names = "--discard-sink",
      paramLabel = "NAME",
      converter = SinkNameConverter.class,
      description =
          "Drops the undelivered events of this sink: postgres, kafka or file. May be given several times.")
  private Set<String> discardedSinks = new LinkedHashSet<>();

  @Option(
      names = "--moved",
      paramLabel = "NAME",
      converter = SinkNameConverter.class,
      description =
          "The target of this sink has another address now: delivers there what was recorded for the old one. postgres, kafka or file. May be given several times.")
  private Set<String> movedSinks = new LinkedHashSet<>();

  @Option(names = "--parked", description = "Also offers the events again that a sink had refused.")
  private boolean parked;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description =
          "The longest time for the whole command, such as 30s or 15m. A sink that is down is tried again until then. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofMinutes(5);

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = folders.load(settings);
    Drain drain =
        new Drain(config, folders.find(config), discardedSinks, movedSinks, timeout, output::line);
    Drain.Result result = drain.run(parked);
    output.result(text(result), json(result));
    return result.isEverything() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private static String text(Drain.Result result) {
    return "drained %s journals and %s parked events; left: %s journals and %s parked events"
        .formatted(
            result.drainedJournals(),
            result.deliveredParked(),
            result.leftJournals(),
            result.leftParked());
  }

  private static Map<String, Object> json(Drain.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("drained_journals", result.drainedJournals());
    json.put("delivered_parked_events", result.deliveredParked());
    json.put("left_journals", result.leftJournals());
    json.put("left_parked_events", result.leftParked());
    return json;
  }

  /** Refuses a name that no sink has, because nothing would be done for it. */
  static final class SinkNameConverter implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (SinkChoice.NAMES.contains(text)) {
        return text;
      }
      String near = NearestKey.of(text, SinkChoice.NAMES);
      throw new TypeConversionException(
          "no sink is named '%s'%s The sinks are %s"
              .formatted(
                  text,
                  near == null ? "." : "; did you mean '" + near + "'?",
                  String.join(", ", SinkChoice.NAMES)));
    }
  }

  /** Parses durations as the agent's options do. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return Options.SHUTDOWN_WAIT.parser().apply(text); // All durations share this parser.
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}

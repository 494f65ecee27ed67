package io.agentlog.agent.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Timeline;
import io.agentlog.postgres.Timeline.Entry;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code show}: its options and its layout; {@link Timeline} finds the entries. */
@Command(
    name = "show",
    description = {
      "Shows one execution, or all that share a correlation ID, as a timeline from the database.",
      "Exit status: 0 shown, 1 no such execution or the database can't be read, 2 wrong arguments."
    })
final class ShowCommand implements Callable<Integer> {
  private static final double MICROS_A_MILLI = 1_000;

  @Parameters(
      paramLabel = "ID",
      description = "An execution ID, or a correlation ID as the application gave it.")
  private String id = "";

  @Option(
      names = "--texts",
      description = "Also prints prompts, reasons of decisions and error messages.")
  private boolean texts;

  @Option(names = "--json", description = "Prints one JSON object a line.")
  private boolean json;

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    Timeline timeline = new Timeline(config);
    List<Entry> entries;
    try {
      entries = timeline.of(id, texts);
    } catch (SinkUnavailableException e) {
      return failure(String.valueOf(e.getMessage()));
    }
    if (entries.isEmpty()) {
      return failure(
          "no execution at %s has '%s' as its execution ID or correlation ID; run 'status' to see whether events still wait"
              .formatted(timeline.place(), id));
    }
    Instant first =
        entries.stream().map(Entry::at).filter(at -> at != null).findFirst().orElse(null);
    for (Entry entry : entries) {
      System.out.println(json ? json(entry) : AgentLog.escape(text(entry, first)));
    }
    if (entries.size() == Timeline.ENTRIES_MAX) {
      AgentLog.warn("show", "only the first %s entries are shown".formatted(Timeline.ENTRIES_MAX));
    }
    return ExitCode.OK;
  }

  private int failure(String problem) {
    AgentLog.warn("show", problem);
    if (json) {
      CommandOutput.printProblem(problem);
    }
    return ExitCode.SOFTWARE;
  }

  private static String text(Entry entry, @Nullable Instant first) {
    StringBuilder line = new StringBuilder(120);
    Instant at = entry.at();
    line.append(at == null || first == null ? "-".repeat(27) : JsonWriter.time(at));
    line.append(
        at == null || first == null
            ? ""
            : String.format(
                Locale.ROOT, "  +%.3f ms", Duration.between(first, at).toNanos() / 1e6));
    line.append("  ").append(entry.event()).append("  ").append(entry.agent());
    if (entry.executionId() != null) {
      line.append("  ").append(entry.executionId());
    }
    if (entry.event().equals("started") && entry.parentId() != null) {
      line.append("  in ").append(entry.parentId());
    }
    Long micros = entry.durationMicros();
    if (micros != null) {
      line.append(String.format(Locale.ROOT, "  took %.3f ms", micros / MICROS_A_MILLI));
    }
    String detail = entry.detail();
    if (detail != null && !detail.isEmpty()) {
      line.append("  ").append(detail);
    }
    return line.toString();
  }

  private static String json(Entry entry) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    Instant at = entry.at();
    fields.put("occurred_at", at == null ? null : JsonWriter.time(at));
    fields.put("event", entry.event());
    fields.put("agent_name", entry.agent());
    fields.put("execution_id", text(entry.executionId()));
    fields.put("parent_execution_id", text(entry.parentId()));
    fields.put("duration_us", entry.durationMicros());
    fields.put("detail", entry.detail());
    return JsonWriter.write(fields);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}

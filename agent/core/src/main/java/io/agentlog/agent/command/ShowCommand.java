package io.agentlog.agent.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Timeline;
import io.agentlog.postgres.Timeline.Entry;
import io.agentlog.postgres.Timeline.Found;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code show}: its options and its JSON; {@link Timeline} finds the entries and {@link
 * TraceText} writes them for people.
 */
@Command(
    name = "show",
    description = {
      "Shows one execution and those that it called, or all that share a correlation ID, as a"
          + " timeline from the database: stages, decisions, calls of models with tokens and cost,"
          + " and what the whole trace has: instructions, file operations, used knowledge.",
      "Exit status: 0 shown, 1 no such execution or the database can't be read, 2 wrong arguments."
    })
final class ShowCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ID",
      description = "An execution ID, or a correlation ID as the application gave it.")
  private String id = "";

  @Option(
      names = "--texts",
      description =
          "Also prints prompts, instructions, queries, reasons of decisions and error messages.")
  private boolean texts;

  @Option(names = "--json", description = "Prints one JSON object a line.")
  private boolean json;

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    Timeline timeline = new Timeline(config);
    Found found;
    try {
      found = timeline.of(id, texts);
    } catch (SinkUnavailableException e) {
      return failure(String.valueOf(e.getMessage()));
    }
    if (found.executions().isEmpty() && found.entries().isEmpty()) {
      return failure(
          "no execution at %s has '%s' as its execution ID or correlation ID; run 'status' to see whether events still wait"
              .formatted(timeline.place(), id));
    }
    if (json) {
      found.entries().forEach(entry -> System.out.println(json(entry)));
    } else {
      new TraceText(found).lines().forEach(line -> System.out.println(AgentLog.escape(line)));
    }
    if (found.isCut()) {
      AgentLog.warn("show", "only the first %s entries are shown".formatted(Timeline.ENTRIES_MAX));
    }
    if (!found.unreadable().isEmpty()) {
      AgentLog.warn(
          "show",
          "what is in %s is not shown: the user may not read it; run GRANT SELECT ON %1$s as the owner"
              .formatted(String.join(", ", found.unreadable())));
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
    if (entry.seq() != null) {
      fields.put("seq", entry.seq());
    }
    fields.putAll(entry.values());
    return JsonWriter.write(fields);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}

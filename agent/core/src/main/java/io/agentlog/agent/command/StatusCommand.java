package io.agentlog.agent.command;

import io.agentlog.agent.status.Statuses;
import io.agentlog.agent.status.Statuses.Found;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code status}: its options and its layout; {@link Statuses} reads the files. */
@Command(
    name = "status",
    description = {
      "Shows the status of the agents of running JVMs: their counters, the events that wait for"
          + " each sink and for how long, and why a sink is down. Also lists ended JVMs whose"
          + " events are not delivered. Reads the status files beside the journals, which are some"
          + " seconds old.",
      "Exit status: 0 all sinks of all running JVMs are up, 1 one is down, events of an ended JVM"
          + " wait or a folder can't be read, 2 wrong arguments."
    })
final class StatusCommand implements Callable<Integer> {
  @Mixin private FolderOptions folders = new FolderOptions();

  @Option(names = "--json", description = "Prints one JSON object a line, one for each JVM.")
  private boolean json;

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = folders.load(settings);
    List<Found> found = Statuses.read(folders.find(config));
    boolean well = true;
    int shown = 0;
    for (Found one : found) {
      boolean waits = sinks(one).stream().anyMatch(sink -> number(sink, "pending") > 0);
      boolean unreadable = one.fields().containsKey(Statuses.PROBLEM);
      if (!one.isAlive() && !waits && !unreadable && !one.fields().isEmpty()) {
        continue; // The next JVM of the service removes it.
      }
      shown++;
      well &=
          !unreadable
              && (one.isAlive() ? sinks(one).stream().allMatch(StatusCommand::isUp) : !waits);
      if (json) {
        System.out.println(JsonWriter.write(one.toMap()));
      } else if (!unreadable) { // Said on stderr.
        print(one);
      }
    }
    if (shown == 0 && !json) {
      System.out.println(
          "no JVM keeps a journal here. A JVM makes its journal with its first annotated class, as"
              + " its own user, in the directory that its start-up line names");
    }
    return well ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private static void print(Found found) {
    Map<String, @Nullable Object> fields = found.fields();
    if (fields.isEmpty()) {
      line(
          "%s: %s, has written no status yet"
              .formatted(found.directory(), found.isAlive() ? "running" : "ended"));
      return;
    }
    line(
        "%s  pid %s  instance %s  agentlog %s  %s"
            .formatted(
                fields.get("service"),
                fields.get("pid"),
                fields.get("instance_id"),
                fields.get("version"),
                found.isAlive()
                    ? "since " + fields.get("started_at") + ", as of " + fields.get("updated_at")
                    : "ended; the next JVM of the service, or 'drain', delivers its events; if a"
                        + " target below has another address now: 'drain --moved NAME'"));
    Map<?, ?> counters = map(fields.get("counters"));
    line(
        "  %s executions, %s running, %s events recorded, dropped %s"
            .formatted(
                counters.get("executions_started"),
                fields.get("running"),
                counters.get("events_recorded"),
                positive(map(fields.get("dropped")))));
    if (number(counters, "files_recorded") > 0 || number(counters, "files_omitted") > 0) {
      line(
          "  %s file operations recorded, %s omitted"
              .formatted(counters.get("files_recorded"), counters.get("files_omitted")));
    }
    for (Map<?, ?> framework : maps(fields.get("frameworks"))) {
      line("  " + describe(framework));
    }
    for (Map<?, ?> sink : sinks(found)) {
      line(
          "  %-8s  %s  %s: delivered %s, pending %s, parked %s%s%s"
              .formatted(
                  sink.get("name"),
                  sink.get("state"),
                  sink.get("target"),
                  sink.get("delivered"),
                  sink.get("pending"),
                  sink.get("parked"),
                  number(sink, "lag_ms") > 0
                      ? ", the oldest for " + sink.get("lag_ms") + " ms"
                      : "",
                  isUp(sink)
                      ? ""
                      : "; failed %s times: %s"
                          .formatted(sink.get("failures_in_a_row"), sink.get("last_error"))));
    }
  }

  private static String positive(Map<?, ?> counts) {
    StringJoiner some = new StringJoiner(", ").setEmptyValue("0");
    counts.forEach(
        (cause, count) -> {
          if (count instanceof Number number && number.longValue() > 0) {
            some.add(cause + " " + count);
          }
        });
    return some.toString();
  }

  private static String describe(Map<?, ?> framework) {
    String missing =
        framework.get("hooks_missing") instanceof List<?> list && !list.isEmpty()
            ? ", no " + list.stream().map(String::valueOf).collect(Collectors.joining(", no "))
            : "";
    return "%s %s: %s methods are followed%s"
        .formatted(
            framework.get("name"),
            framework.get("version"),
            framework.get("hooks_matched"),
            missing);
  }

  private static List<Map<?, ?>> sinks(Found found) {
    return maps(found.fields().get("sinks"));
  }

  private static List<Map<?, ?>> maps(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().<Map<?, ?>>map(StatusCommand::map).toList()
        : List.of();
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static boolean isUp(Map<?, ?> sink) {
    return !"down".equals(sink.get("state"));
  }

  private static long number(Map<?, ?> fields, String name) {
    return fields.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static void line(String text) {
    System.out.println(AgentLog.escape(text));
  }
}

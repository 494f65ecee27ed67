package io.agentlog.insight.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.Readiness;
import io.agentlog.sink.SinkUnavailableException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** The command {@code check}: says what the dashboard's user can't do, before it is started. */
@Command(
    name = "check",
    description = {
      "Says whether the dashboard's user can reach the database, and read and keep the tables. Changes nothing.",
      "Exit status: 0 all is well, 1 something is missing, 2 wrong arguments."
    })
final class InsightCheckCommand implements Callable<Integer> {
  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    try (Database database = CommandDatabase.open(config)) {
      List<Readiness.Table> tables = new Readiness(database).tables();
      Map<String, String> problems = new LinkedHashMap<>();
      tables.stream()
          .filter(table -> !table.problem().isEmpty())
          .forEach(table -> problems.put(table.name(), table.problem()));
      problems.forEach((table, problem) -> output.line(table + " " + problem));
      String place = database.place();
      output.result(
          problems.isEmpty()
              ? "the dashboard can use " + place
              : "%s of %s tables at %s need something"
                  .formatted(problems.size(), tables.size(), place),
          Map.of("database", place, "problems", problems));
      return problems.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (SinkUnavailableException e) {
      output.failure("check", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }
}

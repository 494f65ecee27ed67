package io.agentlog.insight.command;

import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.rollup.Migrate;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** The command {@code migrate}: a thin shell around {@link Migrate}. */
@Command(
    name = "migrate",
    description = {
      "Creates the dashboard's tables and two indexes on agent_execution_logs, while applications go on. Run it as the owner of the agent's tables.",
      "Exit status: 0 everything is there, 1 something is missing, 2 wrong arguments."
    })
final class InsightMigrateCommand implements Callable<Integer> {
  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    try {
      new Migrate(config).run(line -> System.out.println(AgentLog.escape(line)));
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      AgentLog.warn("migrate", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }
}

package io.agentlog.agent.command;

import io.agentlog.agent.imports.Import;
import io.agentlog.agent.imports.ImportCounts;
import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.log.AgentLog;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code import}: a thin shell around {@link Import}. */
@Command(
    name = "import",
    description = {
      "Imports the JSON Lines of the file sink, of Kafka's topic and of the Python logger's fallback files into PostgreSQL. Rows that exist already are not changed.",
      "Exit status: 0 all lines are imported, 1 lines were skipped (each is named on stderr), 2 wrong arguments or no database."
    })
final class ImportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      description = "The folder; all files *.jsonl below it are read. Links are not followed.")
  private Path directory = Path.of("");

  @Option(
      names = "--dry-run",
      description = "Reads and reports only; writes nothing and does not connect to the database.")
  private boolean dryRun;

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = dryRun ? settings.load(Map.of()) : settings.loadWithDatabase(Map.of());
    Import run =
        new Import(config, directory, dryRun, line -> System.err.println(AgentLog.escape(line)));
    try {
      ImportCounts counts = run.run();
      output.result(counts.text(dryRun), counts.toMap());
      return counts.isComplete() ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (Import.FailedException e) {
      output.failure("import", String.valueOf(e.getMessage()));
      return ExitCode.USAGE;
    }
  }
}

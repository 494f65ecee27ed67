package io.agentlog.agent.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code migrate}: a thin shell around {@link TableSetup}. */
@Command(
    name = "migrate",
    description = {
      "Creates the tables and views of agentlog, or updates existing ones. Run it as a database user who may create tables; the applications' users need no such right afterwards.",
      "Exit status: 0 the tables are up to date, 1 they are not, 2 wrong arguments."
    })
final class MigrateCommand implements Callable<Integer> {
  @Option(
      names = "--check",
      description =
          "Changes nothing and reports what is missing; same as agentlog.postgres.schema=validate.")
  private boolean check;

  @Option(
      names = "--relax",
      description =
          "Also drops NOT NULL, foreign key, unique and check constraints that would refuse rows of agentlog. Rows, types and views are not changed.")
  private boolean relax;

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (check && relax) {
      throw new ParameterException(
          requireNonNull(spec, "set by picocli").commandLine(),
          "--check and --relax exclude each other: --check changes nothing, --relax drops constraints. Give one of them");
    }
    Map<String, @Nullable String> given = new HashMap<>();
    given.put(Options.POSTGRES_SCHEMA.key(), check ? "validate" : "migrate");
    LoadedConfig config = settings.loadWithDatabase(given);
    try {
      String place = new TableSetup(config).run(relax);
      output.result("the tables at " + place + " are up to date", Map.of("up_to_date", place));
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      output.failure("migrate", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }
}

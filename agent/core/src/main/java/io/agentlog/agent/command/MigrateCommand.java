package io.agentlog.agent.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.postgres.Partitioning;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
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

/** The command {@code migrate}: a thin shell around {@link TableSetup} and {@link Partitioning}. */
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

  @Option(
      names = "--partition-from",
      paramLabel = "DAY",
      description =
          "Also partitions the tables by day, from this day to come on, in UTC: 2026-12-01, or tomorrow. The tables as they are become the first partition; no row is rewritten.")
  private @Nullable String partitionFrom;

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (check && relax) {
      throw wrong(
          "--check and --relax exclude each other: --check changes nothing, --relax drops constraints. Give one of them");
    }
    if (check && partitionFrom != null) {
      throw wrong(
          "--check and --partition-from exclude each other: --check changes nothing. Give one of them");
    }
    LocalDate day = day(partitionFrom);
    Map<String, @Nullable String> given = new HashMap<>();
    given.put(Options.POSTGRES_SCHEMA.key(), check ? "validate" : "migrate");
    LoadedConfig config = settings.loadWithDatabase(given);
    try {
      String place = new TableSetup(config).run(relax);
      if (partitionFrom != null) {
        new Partitioning(config, output::line).run(day);
      }
      output.result("the tables at " + place + " are up to date", Map.of("up_to_date", place));
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      output.failure("migrate", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  /** Returns null for tomorrow, which is the database's to know. */
  private @Nullable LocalDate day(@Nullable String text) {
    if (text == null || text.equals("tomorrow")) {
      return null;
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw wrong("--partition-from: expected a day such as 2026-12-01, or tomorrow");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(requireNonNull(spec, "set by picocli").commandLine(), message);
  }
}

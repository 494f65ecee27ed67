package io.agentlog.insight.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.insight.page.InsightVersion;
import io.agentlog.log.AgentLog;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line, {@code java -jar agentlog-insight.jar COMMAND}. One thread. */
@Command(
    name = "java -jar agentlog-insight.jar",
    description = "Shows what agents do: pages over the tables that agentlog fills.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = InsightCommandLine.Version.class,
    subcommands = {
      DashboardCommand.class,
      BacktestCommand.class,
      GateCommand.class,
      InsightMigrateCommand.class,
      InsightCheckCommand.class,
      PatternsCommand.class
    })
public final class InsightCommandLine implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** Runs a command and ends the JVM with its status: 0 done, 1 not done, 2 wrong arguments. */
  public static void main(String[] arguments) {
    // The locale of a container often has no character beyond ASCII, but JSON is UTF-8.
    System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    int status =
        new CommandLine(new InsightCommandLine())
            .setExecutionExceptionHandler(
                (thrown, command, parsed) -> {
                  String problem = "failed: " + AgentLog.describe(thrown);
                  AgentLog.warn(command.getCommandName(), problem);
                  CommandOutput.problemForPrograms(parsed, problem);
                  return command.getCommandSpec().exitCodeOnExecutionException();
                })
            .execute(arguments);
    System.exit(status);
  }

  /** Prints the usage, because no command was given. */
  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().usage(System.err);
    }
    return ExitCode.USAGE;
  }

  /** Prints the version for {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"agentlog-insight " + InsightVersion.text()};
    }
  }
}

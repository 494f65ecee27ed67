package io.agentlog.agent.command;

import io.agentlog.agent.status.AgentVersion;
import io.agentlog.commandline.CommandOutput;
import io.agentlog.log.AgentLog;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line, {@code java -jar agentlog.jar COMMAND}. One thread. */
@Command(
    name = "java -jar agentlog.jar",
    description = "Manages the agent's journals on disk and its tables in the database.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = CommandLine.Version.class,
    subcommands = {
      AttachCommand.class,
      CheckCommand.class,
      DrainCommand.class,
      ImportCommand.class,
      MigrateCommand.class,
      RepriceCommand.class,
      ShowCommand.class,
      StatusCommand.class
    },
    footerHeading = "%n",
    footer =
        "To start the agent with an application: java -javaagent:agentlog.jar[=KEY=VALUE,...] -jar"
            + " application.jar")
public final class CommandLine implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /**
   * Runs a command.
   *
   * @return the exit status: 0 done; 1 not or only partly done; 2 wrong arguments, or an import
   *     that found no database
   */
  @SuppressWarnings("IncorrectMainMethod") // The entry class calls it, and ends the JVM with it.
  public static int main(String[] arguments) {
    PrintStream given = System.out;
    // The locale of a container often has no character beyond ASCII, but JSON is UTF-8.
    PrintStream out = new PrintStream(given, true, StandardCharsets.UTF_8);
    System.setOut(out);
    try {
      int status = run(arguments);
      if (out.checkError() && status == ExitCode.OK) {
        AgentLog.warn("command", "the output could not be written, so it is not complete");
        return ExitCode.SOFTWARE;
      }
      return status;
    } finally {
      System.setOut(given);
    }
  }

  private static int run(String[] arguments) {
    return new picocli.CommandLine(new CommandLine())
        .setExecutionExceptionHandler(
            (thrown, command, parsed) -> {
              String problem = "failed: " + AgentLog.describe(thrown);
              AgentLog.warn(command.getCommandName(), problem);
              CommandOutput.problemForPrograms(parsed, problem);
              return ExitCode.SOFTWARE;
            })
        .execute(arguments);
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
      return new String[] {"agentlog " + AgentVersion.text()};
    }
  }
}

package io.agentlog.commandline;

import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** Prints what a command did: lines for people, or one JSON object for programs. */
public final class CommandOutput {
  @Option(
      names = "--json",
      description = "Prints the result as one JSON object; lines for people go to stderr.")
  private boolean json;

  /** Prints a line of progress. */
  public void line(String line) {
    (json ? System.err : System.out).println(AgentLog.escape(line));
  }

  /**
   * Prints the result, as the last line of a command.
   *
   * @param text for people
   * @param fields the same for programs; see {@link JsonWriter}
   */
  public void result(String text, Map<String, ? extends @Nullable Object> fields) {
    System.out.println(json ? JsonWriter.write(fields) : AgentLog.escape(text));
  }

  /**
   * Reports that the command failed.
   *
   * @param command name of the command that failed
   * @param problem what, where, and what to do
   */
  public void failure(String command, String problem) {
    AgentLog.warn(command, problem);
    if (json) {
      printProblem(problem);
    }
  }

  /** Prints what a command can't do as a JSON object. */
  public static void printProblem(String problem) {
    System.out.println(JsonWriter.write(Map.of("problem", problem)));
  }

  /** Prints the problem of a command that threw an exception, if its output is JSON. */
  public static void problemForPrograms(ParseResult parsed, String problem) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    if (command.hasMatchedOption("--json")) {
      printProblem(problem);
    }
  }
}

package io.agentlog.agent.command;

import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command that does something says of it: lines for people, or an object for programs. */
final class CommandOutput {
  @Option(
      names = "--json",
      description = "Prints the result as one JSON object; lines for people go to stderr.")
  private boolean json;

  /** A line on the way. */
  void line(String line) {
    (json ? System.err : System.out).println(AgentLog.escape(line));
  }

  /**
   * What came of it; the last thing that a command says.
   *
   * @param text for people
   * @param fields the same for programs; see {@link JsonWriter}
   */
  void result(String text, Map<String, ? extends @Nullable Object> fields) {
    System.out.println(json ? JsonWriter.write(fields) : AgentLog.escape(text));
  }

  /**
   * That nothing came of it.
   *
   * @param command that could not do it
   * @param problem what, where, and what to do
   */
  void failure(String command, String problem) {
    AgentLog.warn(command, problem);
    if (json) {
      System.out.println(JsonWriter.write(Map.of("problem", problem)));
    }
  }
}

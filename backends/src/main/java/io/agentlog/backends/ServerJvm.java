package io.agentlog.backends;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of servers in Java, which live for a minute or so. */
final class ServerJvm {
  private ServerJvm() {}

  /**
   * Returns the command line of a program.
   *
   * @param heap the most that its heap may take, as in {@code -Xmx}
   * @param options of the JVM; they win over those that all servers have
   */
  static List<String> command(
      String heap, String classPath, List<String> options, String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of(arguments));
    return command;
  }
}

package io.agentlog.dist;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the tools of one JDK, each in its own process, without settings of the machine's
 * environment.
 *
 * @param home the JDK
 * @param folder folder for files of the processes and the agent
 */
record Jvm(Path home, Path folder) {
  static final Path AGENT_JAR = Path.of(System.getProperty("agentlog.jar", "target/agentlog.jar"));
  static final String TEST_CLASSES = Path.of("target", "test-classes").toAbsolutePath().toString();
  private static final long DEADLINE_SECONDS = 120;

  /** Exit code and output of a process. */
  record Result(int exitCode, List<String> stdout, List<String> stderr) {
    List<String> agentLines() {
      return stderr.stream().filter(line -> line.startsWith("[agentlog] ")).toList();
    }
  }

  /** Runs {@code java}. */
  Result java(String... arguments) throws IOException, InterruptedException {
    return java(Map.of(), arguments);
  }

  Result java(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("-Dagentlog.dir=" + folder.resolve("state")));
    command.addAll(List.of(arguments));
    return tool("java", environment, command.toArray(String[]::new));
  }

  /** Runs a tool of the JDK's {@code bin}. */
  Result tool(String tool, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path stdout = Files.createTempFile(folder, tool, ".out");
    Path stderr = Files.createTempFile(folder, tool, ".err");
    Process process =
        builder(tool, environment, arguments)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    process.getOutputStream().close();
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(tool + " " + List.of(arguments) + " does not end");
    }
    return new Result(process.exitValue(), lines(stdout), lines(stderr));
  }

  /** Prepares a process whose streams the test uses itself. */
  ProcessBuilder builder(String tool, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(home.resolve("bin").resolve(tool).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> kept = new HashMap<>();
    for (String name : List.of("PATH", "TMPDIR")) {
      String value = System.getenv(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    builder.environment().clear();
    builder.environment().putAll(kept);
    builder.environment().put("HOME", folder.toString());
    builder.environment().putAll(environment);
    return builder;
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
  }
}

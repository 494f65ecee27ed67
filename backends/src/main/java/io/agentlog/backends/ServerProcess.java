package io.agentlog.backends;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** One server as a child process that writes into a log file. */
final class ServerProcess {
  private static final Duration KILL_DEADLINE = Duration.ofSeconds(20);
  private static final int LOG_LINES_SHOWN = 5;

  /**
   * Starts programs in a session of their own, because Ctrl-C reaches every process of the
   * terminal's session. Servers must end in order, and an initdb that dies half-way would leave
   * shared memory. {@code setsid} becomes the program, so the process ID stays.
   */
  private static final List<String> OWN_SESSION =
      isOnPath("setsid") ? List.of("setsid") : List.of();

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static ServerProcess start(List<String> command, Path directory, Path log) {
    List<String> apart = new ArrayList<>(OWN_SESSION);
    apart.addAll(command);
    try {
      Process process =
          new ProcessBuilder(apart)
              .directory(directory.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return new ServerProcess(process, log);
    } catch (IOException e) {
      throw new BackendException("can't start " + command.get(0) + ": " + e.getMessage(), e);
    }
  }

  /** Runs a command to its end. If it fails, throws with the last lines of its output. */
  static void run(String what, List<String> command, Path directory, Path log, Duration deadline) {
    ServerProcess child = start(command, directory, log);
    if (!child.awaitExit(deadline)) {
      child.kill();
      throw new BackendException(what + " took over " + deadline.toSeconds() + " s" + tail(log));
    }
    if (child.process.exitValue() != 0) {
      throw new BackendException(
          what + " failed with exit code " + child.process.exitValue() + tail(log));
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Waits until the condition holds. Returns false if the process ended or the deadline passed. */
  boolean awaitReady(Duration deadline, BooleanSupplier condition) {
    return Wait.until(deadline, () -> !isAlive() || condition.getAsBoolean()) && isAlive();
  }

  /** Sends a signal (TERM, INT, ...), waits, and kills the process if it still runs. */
  void end(String signal, Duration deadline) {
    if (process.isAlive()) {
      signal(signal);
    }
    if (!awaitExit(deadline)) {
      kill();
    }
  }

  /** Sends SIGKILL to the process and its children and waits until they are gone. */
  void kill() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    if (!awaitExit(KILL_DEADLINE)
        || !Wait.until(
            KILL_DEADLINE, () -> children.stream().noneMatch(ServerProcess::isRunning))) {
      throw new BackendException(
          "process " + process.pid() + " still runs after SIGKILL" + tail(log));
    }
  }

  /** The last lines of a log, on one line; empty if there are none. */
  static String tail(Path log) {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.filter(line -> !line.isBlank()).toList();
      int from = Math.max(0, all.size() - LOG_LINES_SHOWN);
      return all.isEmpty()
          ? ""
          : "; its log ends: " + String.join(" | ", all.subList(from, all.size()));
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private boolean awaitExit(Duration deadline) {
    try {
      return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void signal(String name) {
    // Process.destroy() can only send SIGTERM; every Unix shell has kill.
    try {
      new ProcessBuilder("sh", "-c", "kill -s " + name + " " + process.pid())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(10, TimeUnit.SECONDS);
    } catch (IOException e) {
      process.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether a process runs. A dead child of a killed parent does not, although it stays in the
   * process table until init reaps it.
   */
  private static boolean isRunning(ProcessHandle handle) {
    if (!handle.isAlive()) {
      return false;
    }
    Path stat = Path.of("/proc", Long.toString(handle.pid()), "stat");
    try {
      String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
      return !text.startsWith("Z", text.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return !Files.isDirectory(Path.of("/proc/self")) && handle.isAlive();
    }
  }
}

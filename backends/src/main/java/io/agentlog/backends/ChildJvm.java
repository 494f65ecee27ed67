package io.agentlog.backends;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A JVM of its own, with or without the agent.
 *
 * <p>The child inherits this JVM's environment without the variables that agentlog reads. Its
 * output is kept, and it is killed when this JVM ends. Thread-safe.
 */
public final class ChildJvm implements AutoCloseable {
  private static final Duration KILL_DEADLINE = Duration.ofSeconds(20);
  private static final int LINES_MAX = 200_000;

  private final Process process;
  private final Lines stdout;
  private final Lines stderr;

  private ChildJvm(Process process) {
    this.process = process;
    this.stdout = Lines.of(process.getInputStream(), "stdout of " + process.pid());
    this.stderr = Lines.of(process.getErrorStream(), "stderr of " + process.pid());
  }

  /** Begins a command line for the JVM in a Java home. */
  public static Builder of(Path javaHome) {
    return new Builder(javaHome);
  }

  /** Begins a command line for a JVM like this one. */
  public static Builder likeThis() {
    return new Builder(Path.of(System.getProperty("java.home")));
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The child's standard input; written bytes arrive after a flush. */
  public OutputStream stdin() {
    return process.getOutputStream();
  }

  /** The lines printed so far. */
  public List<String> stdout() {
    return stdout.soFar();
  }

  /** The lines printed so far. */
  public List<String> stderr() {
    return stderr.soFar();
  }

  /** Sends SIGKILL; returns when the process is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(KILL_DEADLINE);
  }

  /** Sends SIGTERM; does not wait. */
  public void terminate() {
    process
        .toHandle()
        .destroy(); // Not Process.destroy(): it also closes stdin, which may end the application.
  }

  /**
   * Waits for the end of the process and of its output.
   *
   * @return its exit code
   * @throws BackendException if the process has not ended in time; the process goes on
   */
  public int awaitExit(Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BackendException("process " + pid() + " did not end within " + deadline);
      }
      stdout.thread.join(KILL_DEADLINE.toMillis());
      stderr.thread.join(KILL_DEADLINE.toMillis());
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while waiting for process " + pid(), e);
    }
  }

  /**
   * Waits until the condition holds.
   *
   * @throws BackendException if the process ends or the deadline passes first
   */
  public void awaitWhileAlive(String what, Duration deadline, BooleanSupplier condition) {
    AtomicBoolean held = new AtomicBoolean();
    boolean ended =
        Wait.until(
            deadline,
            () -> {
              // Before the condition, which may come true with the end.
              boolean isAlive = isAlive();
              held.set(condition.getAsBoolean());
              return held.get() || !isAlive;
            });
    if (!held.get()) {
      String why = ended ? "the process ended" : "none within " + deadline;
      throw new BackendException("no " + what + ": " + why + "; stderr: " + stderr());
    }
  }

  /** Kills the process if it still runs. */
  @Override
  public void close() {
    kill();
  }

  /** A command line in the making. */
  public static final class Builder {
    private final Path javaHome;
    private final List<String> options = new ArrayList<>();
    private final List<String> program = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path directory = Path.of("").toAbsolutePath();

    private Builder(Path javaHome) {
      this.javaHome = javaHome;
    }

    /** Adds JVM options, such as {@code -Xmx64m}. */
    public Builder options(String... more) {
      options.addAll(List.of(more));
      return this;
    }

    /**
     * Compiles with C1 alone and collects with the serial collector: a JVM that lives for a few
     * seconds takes a quarter less processor time. Options that are added later win.
     */
    public Builder shortLived() {
      return options("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    }

    public Builder property(String key, Object value) {
      return options("-D" + key + "=" + value);
    }

    /** Adds {@code -javaagent}. */
    public Builder agent(Path jar) {
      return options("-javaagent:" + jar.toAbsolutePath());
    }

    /** Adds a variable, even one that agentlog reads. */
    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    public Builder directory(Path workingDirectory) {
      directory = workingDirectory;
      return this;
    }

    /** Runs a class; the class path has the separators of this platform. */
    public Builder mainClass(String classPath, String name, String... arguments) {
      program.clear();
      program.addAll(List.of("-cp", classPath, name));
      program.addAll(List.of(arguments));
      return this;
    }

    /** Runs a class of this JVM's class path. */
    public Builder mainClass(Class<?> type, String... arguments) {
      return mainClass(System.getProperty("java.class.path"), type.getName(), arguments);
    }

    /** Runs an executable jar. */
    public Builder jar(Path jar, String... arguments) {
      program.clear();
      program.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
      program.addAll(List.of(arguments));
      return this;
    }

    /**
     * Runs the main class of a named module.
     *
     * @param modulePath empty for a module of the image
     * @param main as {@code module/class}
     */
    public Builder module(String modulePath, String main) {
      program.clear();
      if (!modulePath.isEmpty()) {
        program.addAll(List.of("--module-path", modulePath));
      }
      program.addAll(List.of("-m", main));
      return this;
    }

    public ChildJvm start() {
      List<String> command = new ArrayList<>();
      command.add(javaHome.resolve("bin" + File.separator + "java").toString());
      command.addAll(options);
      command.addAll(program);
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().keySet().removeIf(Builder::isReadByTheAgent);
      builder.environment().putAll(environment);
      try {
        // Started and added in one step, so that the shutdown hook misses no process.
        ChildJvm child = OpenServers.addStarted(() -> new ChildJvm(builder.start()));
        CompletableFuture<Void> unused =
            child.process.onExit().thenRun(() -> OpenServers.remove(child));
        return child;
      } catch (IOException e) {
        throw new BackendException("can't start " + command.get(0) + ": " + e.getMessage(), e);
      }
    }

    private static boolean isReadByTheAgent(String variable) {
      return variable.startsWith("AGENTLOG_")
          || variable.startsWith("POSTGRES_")
          || variable.startsWith("KAFKA_")
          || variable.equals("OTEL_SERVICE_NAME")
          || variable.equals("CLAUDE_SESSION_ID")
          || variable.equals("TERM_SESSION_ID")
          || variable.equals("JAVA_TOOL_OPTIONS")
          || variable.equals("JDK_JAVA_OPTIONS");
    }
  }

  /** The lines of a stream, read on an own thread so that the process never waits for this JVM. */
  private static final class Lines {
    private final List<String> lines = new ArrayList<>();
    private final Thread thread;

    private Lines(InputStream in, String name) {
      thread = new Thread(() -> read(in), name);
      thread.setDaemon(true);
    }

    static Lines of(InputStream in, String name) {
      Lines lines = new Lines(in, name);
      lines.thread.start();
      return lines;
    }

    private void read(InputStream in) {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          synchronized (lines) {
            if (lines.size() < LINES_MAX) {
              lines.add(line);
            }
          }
        }
      } catch (IOException e) {
        // The process was killed in the middle of a line.
      }
    }

    List<String> soFar() {
      synchronized (lines) {
        return List.copyOf(lines);
      }
    }
  }
}

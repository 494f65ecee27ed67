package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application in its own JVM with the shipped agent.
 *
 * <p>It runs on {@link Jdks#underTest()} unless told otherwise. A main class of the tests sees the
 * annotations and its own classes, not the libraries of the tests. Closing kills the JVM.
 */
public final class AgentJvm implements AutoCloseable {
  private static final String LINE_PREFIX = "[agentlog] ";
  private static final Duration EXIT_DEADLINE = Duration.ofSeconds(60);

  private static final Pattern RECORDED = Pattern.compile("stopped: .* (\\d+) events recorded");
  private static final Pattern OF_A_SINK =
      Pattern.compile(
          "; \\w+ delivered (\\d+), pending (\\d+), parked (\\d+)(?:, dropped (\\d+))?");

  private final ChildJvm jvm;

  private AgentJvm(ChildJvm jvm) {
    this.jvm = jvm;
  }

  /** Begins a command line. The test owns the base directory of the agent's journals. */
  public static Builder in(Path agentDirectory) {
    return new Builder(Jdks.underTest(), agentDirectory);
  }

  /** Begins a command line for a JDK other than the one under test. */
  public static Builder in(Path agentDirectory, Path javaHome) {
    return new Builder(javaHome, agentDirectory);
  }

  /** The shipped jar. */
  public static Path agentJar() {
    return existing("agentlog.it.agent.jar", "agent/dist/target/agentlog.jar");
  }

  /** The jar of the router. */
  public static Path sampleAppJar() {
    return existing("agentlog.it.sample-app.jar", "sample-app/target/agentlog-sample-app.jar");
  }

  /** A Spring Boot service, as a jar of jars. */
  public static Path springBootAppJar() {
    return existing(
        "agentlog.it.spring-boot-app.jar", "spring-boot-app/target/spring-boot-app.jar");
  }

  /** The class path entries that hold these classes. */
  public static String classPathOf(Class<?>... types) {
    return Stream.of(types)
        .map(AgentJvm::location)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  public ChildJvm jvm() {
    return jvm;
  }

  public List<String> stdout() {
    return jvm.stdout();
  }

  public List<String> stderr() {
    return jvm.stderr();
  }

  /**
   * Loads the agent into the application, which was started {@link Builder#withoutAgent without}
   * it. It takes the options that the application has as system properties.
   */
  public void attach() {
    try {
      VirtualMachine target = VirtualMachine.attach(String.valueOf(jvm.pid()));
      try {
        target.loadAgent(agentJar().toString());
      } finally {
        target.detach();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't attach; stderr: " + stderr(), e);
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IllegalStateException("can't attach; stderr: " + stderr(), e);
    }
  }

  /** Writes a line to the application's standard input. */
  public void say(String line) {
    try {
      jvm.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      jvm.stdin().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("can't write to the application; stderr: " + stderr(), e);
    }
  }

  /** Ends the application's standard input, which tells the application to end. */
  public void endInput() {
    try {
      jvm.stdin().close();
    } catch (IOException e) {
      throw new UncheckedIOException("can't end the application's input; stderr: " + stderr(), e);
    }
  }

  /** Waits for a line on standard output that is equal to this one. */
  public void awaitLine(String line, Duration deadline) {
    await("line '" + line + "'", deadline, () -> stdout().contains(line));
  }

  /** Waits for a condition; fails at once when the application ends before. */
  public void await(String what, Duration deadline, BooleanSupplier condition) {
    jvm.awaitWhileAlive(what, deadline, condition);
  }

  /** Sends SIGKILL. */
  public void kill() {
    jvm.kill();
  }

  /** Sends SIGTERM; does not wait. */
  public void terminate() {
    jvm.terminate();
  }

  /** Waits for the end of the application and returns the exit code. */
  public int awaitExit(Duration deadline) {
    return jvm.awaitExit(deadline);
  }

  /** Waits for the end; the exit code must be 0 and stderr hold only the agent's lines. */
  public void awaitSuccess() {
    int exitCode = awaitExit(EXIT_DEADLINE);
    assertThat(exitCode).as("exit code; stderr: %s", stderr()).isZero();
    assertOnlyAgentLinesOnStderr();
    assertNothingIsUnaccountedFor();
  }

  /** For each sink, delivered, pending, parked and dropped must add up to the recorded events. */
  private void assertNothingIsUnaccountedFor() {
    for (String line : stderr()) {
      Matcher recorded = RECORDED.matcher(line);
      if (!recorded.find()) {
        continue;
      }
      Matcher sink = OF_A_SINK.matcher(line);
      while (sink.find()) {
        long sum = 0;
        for (int group = 1; group <= sink.groupCount(); group++) {
          sum += sink.group(group) == null ? 0 : Long.parseLong(sink.group(group));
        }
        assertThat(sum).as(line).isEqualTo(Long.parseLong(recorded.group(1)));
      }
    }
  }

  /**
   * Every line on stderr must have the agent's prefix, because the application prints none there.
   */
  public void assertOnlyAgentLinesOnStderr() {
    assertThat(stderr()).allSatisfy(line -> assertThat(line).startsWith(LINE_PREFIX));
  }

  @Override
  public void close() {
    jvm.close();
  }

  private static Path existing(String property, String defaultPath) {
    Path path = Path.of(System.getProperty(property, "../" + defaultPath)).toAbsolutePath();
    assertThat(path.normalize()).as("%s; run: mvn package", property).exists();
    return path.normalize();
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(type.getName(), e);
    }
  }

  /** A command line in the making. */
  public static final class Builder {
    private final ChildJvm.Builder jvm;
    private boolean withAgent = true;

    private Builder(Path javaHome, Path agentDirectory) {
      jvm = ChildJvm.of(javaHome).shortLived().property("agentlog.dir", agentDirectory);
      try {
        jvm.directory(Files.createDirectories(agentDirectory));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The same application without the agent. */
    public Builder withoutAgent() {
      withAgent = false;
      return this;
    }

    public Builder service(String name) {
      return property("agentlog.service", name);
    }

    /** Names the database to deliver to. */
    public Builder postgres(Postgres database) {
      return property("agentlog.postgres.host", database.host())
          .property("agentlog.postgres.port", database.port())
          .property("agentlog.postgres.database", database.database())
          .property("agentlog.postgres.user", database.user())
          .property("agentlog.postgres.password", database.password());
    }

    /** Names the topic to deliver to. */
    public Builder kafka(Kafka kafka, String topic) {
      return property("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers())
          .property("agentlog.kafka.topic", topic);
    }

    public Builder property(String key, Object value) {
      jvm.property(key, value);
      return this;
    }

    /** Adds JVM options. */
    public Builder options(String... options) {
      jvm.options(options);
      return this;
    }

    public Builder environment(String name, String value) {
      jvm.environment(name, value);
      return this;
    }

    /** Starts a main class of the tests. */
    public AgentJvm start(Class<?> mainClass, String... arguments) {
      return start(classPathOf(mainClass, AgentExecution.class), mainClass, arguments);
    }

    /** Starts a main class with a class path of its own; see {@link #classPathOf}. */
    public AgentJvm start(String classPath, Class<?> mainClass, String... arguments) {
      jvm.mainClass(classPath, mainClass.getName(), arguments);
      return start();
    }

    /** Starts a main class that the tests know only by name. */
    public AgentJvm start(String classPath, String mainClass, String... arguments) {
      jvm.mainClass(classPath, mainClass, arguments);
      return start();
    }

    /**
     * Starts the main class of a named module.
     *
     * @param modulePath empty for a module of the image
     * @param main as {@code module/class}
     */
    public AgentJvm startModule(String modulePath, String main) {
      jvm.module(modulePath, main);
      return start();
    }

    /** Starts an executable jar. */
    public AgentJvm start(Path jar, String... arguments) {
      jvm.jar(jar, arguments);
      return start();
    }

    private AgentJvm start() {
      if (withAgent) {
        jvm.agent(agentJar());
      }
      return new AgentJvm(jvm.start());
    }
  }
}

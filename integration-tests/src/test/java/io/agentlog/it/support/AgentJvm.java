package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

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
 * annotations and its own classes, not the libraries of the tests. Closing it kills it.
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

  /** Begins with the base directory of the agent's journals, which the test owns. */
  public static Builder in(Path agentDirectory) {
    return new Builder(Jdks.underTest(), agentDirectory);
  }

  /** Begins with a JDK other than the one under test. */
  public static Builder in(Path agentDirectory, Path javaHome) {
    return new Builder(javaHome, agentDirectory);
  }

  /** The shipped jar. */
  public static Path agentJar() {
    return existing("agentlog.it.agent.jar", "agent/dist/target/agentlog.jar");
  }

  /** The router. */
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

  /** Writes a line to its standard input. */
  public void say(String line) {
    try {
      jvm.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      jvm.stdin().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the application does not listen; stderr: " + stderr(), e);
    }
  }

  /** Ends its standard input, which tells it to end. */
  public void endInput() {
    try {
      jvm.stdin().close();
    } catch (IOException e) {
      throw new UncheckedIOException("the application does not listen; stderr: " + stderr(), e);
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

  /** SIGKILL. */
  public void kill() {
    jvm.kill();
  }

  /** SIGTERM; does not wait. */
  public void terminate() {
    jvm.terminate();
  }

  /** Waits for its end and returns the exit code. */
  public int awaitExit(Duration deadline) {
    return jvm.awaitExit(deadline);
  }

  /** Waits for an end in peace: exit code 0, and nothing on stderr but the agent's lines. */
  public void awaitSuccess() {
    int exitCode = awaitExit(EXIT_DEADLINE);
    assertThat(exitCode).as("exit code; stderr: %s", stderr()).isZero();
    assertOnlyAgentLinesOnStderr();
    assertNothingIsUnaccountedFor();
  }

  /** What was recorded is delivered, waits, or is set aside: for each sink. */
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

  /** The application's stderr is not ours: all that we say has our prefix. */
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
      jvm = ChildJvm.of(javaHome).property("agentlog.dir", agentDirectory);
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

    /** Delivers into that database. */
    public Builder postgres(Postgres database) {
      return property("agentlog.postgres.host", database.host())
          .property("agentlog.postgres.port", database.port())
          .property("agentlog.postgres.database", database.database())
          .property("agentlog.postgres.user", database.user())
          .property("agentlog.postgres.password", database.password());
    }

    /** Delivers into that topic. */
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

    /** Starts a main class that the tests know by name alone. */
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

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** {@link FleetApp} in its own JVM with the shipped agent. Closing kills it. */
final class FleetJvm implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final String SERVICE = "fleet";

  private final ChildJvm jvm;
  private final Path truth;
  private final Map<String, String> settings;

  private FleetJvm(ChildJvm jvm, Path truth, Map<String, String> settings) {
    this.jvm = jvm;
    this.truth = truth;
    this.settings = settings;
  }

  /** Starts an application that writes to Kafka alone; does not wait. */
  static FleetJvm begin(Path directory, EventTopics topics) {
    return begun(directory, settings(directory, topics));
  }

  /** Starts an application that records whole traces to Kafka alone; returns when it is ready. */
  static FleetJvm start(Path directory, EventTopics topics) {
    Map<String, String> settings = settings(directory, topics);
    settings.put("traceability", "true");
    return begun(directory, settings).awaitReady();
  }

  /** Starts one that writes to PostgreSQL alone; returns when it is ready. */
  static FleetJvm startWithDatabase(Path directory, Postgres database) {
    return begun(directory, withDatabase(settings(directory), database)).awaitReady();
  }

  /** Starts one that writes to Kafka and PostgreSQL; returns when it is ready. */
  static FleetJvm startWithBoth(Path directory, EventTopics topics, Postgres database) {
    Map<String, String> settings = settings(directory, topics);
    settings.put("traceability", "true");
    return begun(directory, withDatabase(settings, database)).awaitReady();
  }

  /** Waits until the application has made an execution. */
  FleetJvm awaitReady() {
    jvm.awaitWhileAlive("ready", DEADLINE, () -> jvm.stdout().contains("ready"));
    return this;
  }

  /** What the application wrote down itself. */
  Truth truth() {
    return Truth.read(truth);
  }

  /** Makes executions at a rate until {@link #stopLoad()}. */
  void startLoad(int perSecond) {
    say("load " + perSecond);
  }

  void stopLoad() {
    say("stop");
    jvm.awaitWhileAlive(
        "stop of the load",
        DEADLINE,
        () -> jvm.stdout().stream().anyMatch(line -> line.startsWith("stopped ")));
  }

  /** Says one command to the application and waits for its answer. */
  void obey(String command, String answer) {
    say(command);
    jvm.awaitWhileAlive(answer, DEADLINE, () -> jvm.stdout().contains(answer));
  }

  /**
   * Ends the application in its own way; its exit code must be 0. Returns when all that it recorded
   * is delivered: by itself, or by the command for what is left.
   */
  void end() {
    try {
      jvm.stdin().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(jvm.awaitExit(DEADLINE)).as("exit code; stderr: %s", jvm.stderr()).isZero();
    if (isAnythingLeft()) {
      drain();
    }
  }

  /** Sends SIGKILL. */
  void kill() {
    jvm.kill();
  }

  @Override
  public void close() {
    jvm.close();
  }

  private static Map<String, String> withDatabase(Map<String, String> settings, Postgres database) {
    settings.put("postgres.host", database.host());
    settings.put("postgres.port", Integer.toString(database.port()));
    settings.put("postgres.database", database.database());
    settings.put("postgres.user", database.user());
    settings.put("postgres.password", database.password());
    return settings;
  }

  private static Map<String, String> settings(Path directory) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dir", directory.resolve("agentlog").toString());
    settings.put("service", SERVICE);
    return settings;
  }

  private static Map<String, String> settings(Path directory, EventTopics topics) {
    Map<String, String> settings = settings(directory);
    settings.put("kafka.bootstrap-servers", topics.kafka().bootstrapServers());
    settings.put("kafka.topic", topics.events());
    settings.put("kafka.detail-topic", topics.details());
    settings.put("kafka.instances-topic", topics.instances());
    settings.put("kafka.client.metadata.max.age.ms", "1000");
    return settings;
  }

  private static FleetJvm begun(Path directory, Map<String, String> settings) {
    Path truth = directory.resolveSibling(directory.getFileName() + ".truth");
    String classPath =
        location(FleetApp.class) + File.pathSeparator + location(AgentExecution.class);
    try {
      ChildJvm.Builder builder =
          ChildJvm.likeThis()
              .shortLived()
              .options("-Xmx128m")
              .directory(Files.createDirectories(directory))
              .agent(Artifacts.agentJar())
              .mainClass(classPath, FleetApp.class.getName(), truth.toString());
      settings.forEach((key, value) -> builder.property("agentlog." + key, value));
      return new FleetJvm(builder.start(), truth, settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isAnythingLeft() {
    try (Stream<Path> left = Files.list(Path.of(settings.getOrDefault("dir", ""), SERVICE))) {
      return left.anyMatch(Files::isDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drain() {
    ChildJvm.Builder builder =
        ChildJvm.likeThis().shortLived().jar(Artifacts.agentJar(), "drain", "--service", SERVICE);
    settings.forEach(
        (key, value) ->
            builder.environment(
                "AGENTLOG_" + key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value));
    ChildJvm run = builder.start();
    assertThat(run.awaitExit(DEADLINE)).as("drain: %s %s", run.stdout(), run.stderr()).isZero();
  }

  private void say(String line) {
    try {
      jvm.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      jvm.stdin().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the application is gone; stderr: " + jvm.stderr(), e);
    }
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(type.getName(), e);
    }
  }
}

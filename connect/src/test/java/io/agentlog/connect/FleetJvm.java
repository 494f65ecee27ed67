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

/** {@link FleetApp} in its own JVM with the shipped agent. Closing kills it. */
final class FleetJvm implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final String TRACEABILITY = "agentlog.traceability";

  private final ChildJvm jvm;
  private final Path truth;

  private FleetJvm(ChildJvm jvm, Path truth) {
    this.jvm = jvm;
    this.truth = truth;
  }

  /** Starts an application that writes to Kafka alone; does not wait. */
  static FleetJvm begin(Path directory, EventTopics topics) {
    return begun(builder(directory, topics), directory);
  }

  /** Starts an application that records whole traces to Kafka alone; returns when it is ready. */
  static FleetJvm start(Path directory, EventTopics topics) {
    return begun(builder(directory, topics).property(TRACEABILITY, true), directory).awaitReady();
  }

  /** Starts one that writes to PostgreSQL alone; returns when it is ready. */
  static FleetJvm startWithDatabase(Path directory, Postgres database) {
    return begun(withDatabase(builder(directory), database), directory).awaitReady();
  }

  /** Starts one that writes to Kafka and PostgreSQL; returns when it is ready. */
  static FleetJvm startWithBoth(Path directory, EventTopics topics, Postgres database) {
    ChildJvm.Builder builder = builder(directory, topics).property(TRACEABILITY, true);
    return begun(withDatabase(builder, database), directory).awaitReady();
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

  /** Ends the application in its own way; its exit code must be 0. */
  void end() {
    try {
      jvm.stdin().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(jvm.awaitExit(DEADLINE)).as("exit code; stderr: %s", jvm.stderr()).isZero();
  }

  /** Sends SIGKILL. */
  void kill() {
    jvm.kill();
  }

  @Override
  public void close() {
    jvm.close();
  }

  private static ChildJvm.Builder withDatabase(ChildJvm.Builder builder, Postgres database) {
    return builder
        .property("agentlog.postgres.host", database.host())
        .property("agentlog.postgres.port", database.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        .property("agentlog.postgres.password", database.password());
  }

  private static ChildJvm.Builder builder(Path directory, EventTopics topics) {
    return builder(directory)
        .property("agentlog.kafka.bootstrap-servers", topics.kafka().bootstrapServers())
        .property("agentlog.kafka.topic", topics.events())
        .property("agentlog.kafka.detail-topic", topics.details())
        .property("agentlog.kafka.instances-topic", topics.instances())
        .property("agentlog.kafka.client.metadata.max.age.ms", 1_000);
  }

  private static ChildJvm.Builder builder(Path directory) {
    try {
      return ChildJvm.likeThis()
          .shortLived()
          .options("-Xmx128m")
          .directory(Files.createDirectories(directory))
          .property("agentlog.dir", directory.resolve("agentlog"))
          .property("agentlog.service", "fleet")
          .agent(Artifacts.agentJar());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FleetJvm begun(ChildJvm.Builder builder, Path directory) {
    Path truth = directory.resolveSibling(directory.getFileName() + ".truth");
    String classPath =
        location(FleetApp.class) + File.pathSeparator + location(AgentExecution.class);
    ChildJvm jvm = builder.mainClass(classPath, FleetApp.class.getName(), truth.toString()).start();
    return new FleetJvm(jvm, truth);
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

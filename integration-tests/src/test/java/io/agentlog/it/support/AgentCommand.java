package io.agentlog.it.support;

import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command of the shipped jar, {@code java -jar agentlog.jar COMMAND}, on the JDK under test. The
 * environment holds the settings, as an operator would set them.
 */
public final class AgentCommand {
  private final ChildJvm.Builder jvm = ChildJvm.of(Jdks.underTest());
  private final List<String> arguments = new ArrayList<>();

  private AgentCommand(String... arguments) {
    this.arguments.addAll(List.of(arguments));
  }

  /** Begins a command line with the command's name. */
  public static AgentCommand of(String... arguments) {
    return new AgentCommand(arguments);
  }

  /** Sets the base directory to work on. */
  public AgentCommand in(Path agentDirectory) {
    return setting("AGENTLOG_DIR", agentDirectory);
  }

  /** Names the database to work on. */
  public AgentCommand postgres(Postgres database) {
    return setting("AGENTLOG_POSTGRES_HOST", database.host())
        .setting("AGENTLOG_POSTGRES_PORT", database.port())
        .setting("AGENTLOG_POSTGRES_DATABASE", database.database())
        .setting("AGENTLOG_POSTGRES_USER", database.user())
        .setting("AGENTLOG_POSTGRES_PASSWORD", database.password());
  }

  /** Names the topic to work on. */
  public AgentCommand kafka(Kafka kafka, String topic) {
    return setting("AGENTLOG_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers())
        .setting("AGENTLOG_KAFKA_TOPIC", topic);
  }

  /** Sets an environment variable; the last value counts. */
  public AgentCommand setting(String variable, Object value) {
    jvm.environment(variable, String.valueOf(value));
    return this;
  }

  /** Adds JVM options. */
  public AgentCommand options(String... options) {
    jvm.options(options);
    return this;
  }

  /** Adds arguments of the command. */
  public AgentCommand with(String... more) {
    arguments.addAll(List.of(more));
    return this;
  }

  /** Starts the command; its JVM has options for a short life. */
  public ChildJvm start() {
    jvm.shortLived();
    return jvm.jar(AgentJvm.agentJar(), arguments.toArray(String[]::new)).start();
  }
}

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.ConnectRest;
import io.agentlog.backends.Postgres;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** A connector that loads the topics of a test into a database. */
final class Loader {
  static final String CLASS = "io.agentlog.connect.AgentlogSinkConnector";

  private static final Duration IMPORT_DEADLINE = Duration.ofMinutes(2);

  private final String name;
  private final EventTopics topics;

  private Loader(String name, EventTopics topics) {
    this.name = name;
    this.topics = topics;
  }

  /** The settings of a connector as users write them, but quicker to notice what has changed. */
  static Map<String, String> config(EventTopics topics, Postgres database, int tasks) {
    Map<String, String> config = new HashMap<>();
    config.put("connector.class", CLASS);
    config.put("tasks.max", Integer.toString(tasks));
    config.put("topics", String.join(",", topics.all()));
    config.put("instances.topic", topics.instances());
    config.put("connection.url", database.jdbcUrl());
    config.put("connection.user", database.user());
    config.put("connection.password", database.password());
    config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    config.put("errors.tolerance", "all");
    config.put("errors.deadletterqueue.topic.name", topics.deadLetters());
    config.put("errors.deadletterqueue.topic.replication.factor", "1");
    config.put("errors.deadletterqueue.context.headers.enable", "true");
    config.put("consumer.override.max.poll.records", "4000");
    config.put("consumer.override.metadata.max.age.ms", "1000");
    return config;
  }

  /** Starts a connector; returns when its tasks run. */
  static Loader start(ConnectRest rest, EventTopics topics, Postgres database, int tasks) {
    String name = "loader-" + UUID.randomUUID().toString().substring(0, 8);
    rest.put(name, config(topics, database, tasks));
    rest.awaitRunning(name, tasks);
    return new Loader(name, topics);
  }

  String name() {
    return name;
  }

  /** Waits until everything on the topics is loaded. */
  void awaitLoaded() {
    TopicRecords.awaitLoaded(topics.kafka(), name, topics.all());
  }

  /** Lets the shipped command import what is on the topics of events into another database. */
  static void importInto(Postgres database, EventTopics topics, Path directory) throws Exception {
    Path file = Files.createDirectories(directory).resolve("events.jsonl");
    try (PrintStream out =
        new PrintStream(
            new BufferedOutputStream(Files.newOutputStream(file)), false, StandardCharsets.UTF_8)) {
      TopicRecords.forEach(
          topics.kafka(),
          record -> {
            out.writeBytes(record.value());
            out.write('\n');
          },
          topics.events(),
          topics.details());
    }
    ChildJvm run =
        ChildJvm.likeThis()
            .shortLived()
            .environment("AGENTLOG_POSTGRES_HOST", database.host())
            .environment("AGENTLOG_POSTGRES_PORT", String.valueOf(database.port()))
            .environment("AGENTLOG_POSTGRES_DATABASE", database.database())
            .environment("AGENTLOG_POSTGRES_USER", database.user())
            .environment("AGENTLOG_POSTGRES_PASSWORD", database.password())
            .jar(Artifacts.agentJar(), "import", directory.toString())
            .start();
    assertThat(run.awaitExit(IMPORT_DEADLINE)).as("stderr: %s", run.stderr()).isZero();
  }
}

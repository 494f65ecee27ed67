package io.agentlog.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.SinkChoice;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.Sink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a second set of sinks, for what dead JVMs have left, is at work beside the first, goes to
 * the same places, and shares nothing with it. Method: both sets of one configuration deliver into
 * a real database, a real topic and a folder.
 */
@Timeout(180)
class SinkFactoryIT {
  private static final UUID INSTANCE = UUID.randomUUID();

  @TempDir Path folder;
  private final Postgres database = Backends.postgres().newDatabase();
  private final Kafka kafka = Backends.kafka();
  private final String topic = kafka.newTopic(1);
  private final List<Sink> sinks = new ArrayList<>();

  @AfterEach
  void close() {
    sinks.forEach(Sink::close);
    database.close();
  }

  @Test
  void sinksForDeadJournalsWorkBesideThoseOfThisJvmAndKeepNoLease() throws Exception {
    Config config = config();
    SinkChoice choice = SinkChoice.of(config);
    List<Sink> own = SinkFactory.create(config, choice, folder, INSTANCE, "router", () -> null);
    List<Sink> dead = SinkFactory.createForDeadJournals(config, choice, folder, INSTANCE);
    sinks.addAll(own);
    sinks.addAll(dead);

    for (int i = 0; i < own.size(); i++) {
      assertThat(dead.get(i).name()).isEqualTo(own.get(i).name());
      assertThat(dead.get(i).fingerprint()).isEqualTo(own.get(i).fingerprint());
      dead.get(i).write(events(1));
    }
    assertThat(query("SELECT count(*) FROM agent_instances")).isEqualTo("0");
    for (int i = 0; i < own.size(); i++) {
      own.get(i).write(events(2));
      dead.get(i).write(events(3));
      assertThat(dead.get(i).maintain()).isFalse();
    }

    assertThat(own).extracting(Sink::name).containsExactly("postgres", "kafka", "file");
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("3");
    assertThat(query("SELECT string_agg(instance_id::text, ',') FROM agent_instances"))
        .isEqualTo(INSTANCE.toString());
    assertThat(
            query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agentlog'"))
        .isEqualTo("2");
    List<ConsumerRecord<String, String>> records = kafka.records(topic);
    assertThat(records).hasSize(3);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .contains(
            "kafka-producer-network-thread | agentlog-" + INSTANCE,
            "kafka-producer-network-thread | agentlog-" + INSTANCE + "-dead");
    try (Stream<Path> files = Files.list(folder.resolve("events"))) {
      assertThat(files.flatMap(SinkFactoryIT::lines)).hasSize(3);
    }
  }

  private Config config() {
    Properties properties = new Properties();
    properties.setProperty("agentlog.postgres.url", database.jdbcUrl());
    properties.setProperty("agentlog.postgres.user", database.user());
    properties.setProperty("agentlog.postgres.password", database.password());
    properties.setProperty("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers());
    properties.setProperty("agentlog.kafka.topic", topic);
    properties.setProperty("agentlog.file.enabled", "true");
    return ConfigLoader.load(null, properties, Map.of());
  }

  private static List<Event> events(int n) {
    return List.of(
        new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n), false).started());
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}

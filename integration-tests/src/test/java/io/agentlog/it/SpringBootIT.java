package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a Spring Boot service in a jar of jars, with other versions of the agent's libraries, does
 * with the agent what it does without it, and is recorded. Method: the service with the shipped jar
 * and without, both writing to the same PostgreSQL and Kafka as the agent.
 */
class SpringBootIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int TICKETS = 20;

  @TempDir Path directory;

  @Test
  void serviceDoesTheSameAndIsRecorded() {
    List<String> without = run(AgentJvm.in(directory).withoutAgent(), Backends.kafka().newTopic(1));
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    try (Postgres recorded = Backends.postgres().newDatabase()) {
      List<String> with =
          run(
              AgentJvm.in(directory)
                  .service("tickets")
                  .postgres(recorded)
                  .kafka(kafka, events)
                  .property("agentlog.shutdown.wait", "60s"),
              kafka.newTopic(1));
      assertThat(with).isEqualTo(without);
      assertThat(with)
          .contains(
              "proxy true",
              "stored " + TICKETS,
              "pool true",
              "pgjdbc 42.7.5",
              "driver org.postgresql.Driver",
              "kafka-clients 3.9.1",
              "jackson 2.19.4");
      assertThat(
              Rows.count(
                  recorded,
                  "SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'tickets'"
                      + " AND status = 'success' AND metadata ->> 'correlation_id_raw' LIKE 'T-%'"))
          .isEqualTo(TICKETS);
      assertThat(Rows.stages(recorded).count()).isEqualTo(TICKETS);
      assertThat(kafka.awaitRecordCount(events, TICKETS * 3L, DEADLINE)).isTrue();
    }
  }

  /** Spring Boot's loader has Logback in a jar within the service's jar. */
  @Test
  void linesOfItsLogCarryTheExecution() {
    try (Postgres recorded = Backends.postgres().newDatabase()) {
      List<String> lines =
          run(
              AgentJvm.in(directory)
                  .service("tickets")
                  .postgres(recorded)
                  .property("agentlog.shutdown.wait", "60s")
                  .property("agentlog.log.mdc", true)
                  .property("logging.level.io.agentlog.springboot.Tickets", "info")
                  .property("logging.pattern.console", "log %msg %X{agent_execution_id}%n"),
              Backends.kafka().newTopic(1));

      List<String> expected =
          Rows.of(
                  recorded,
                  "SELECT 'log answered ' || (metadata ->> 'correlation_id_raw') || ' ' ||"
                      + " execution_id AS line FROM agent_execution_logs ORDER BY started_at")
              .stream()
              .map(row -> String.valueOf(row.get("line")))
              .toList();
      assertThat(expected).hasSize(TICKETS);
      assertThat(lines)
          .filteredOn(line -> line.startsWith("log "))
          .containsExactlyElementsOf(expected);
    }
  }

  /** What it printed itself, and of the log what the builder asks for. */
  private static List<String> run(AgentJvm.Builder builder, String topic) {
    try (Postgres own = Backends.postgres().newDatabase();
        AgentJvm app =
            builder
                .property("spring.datasource.url", own.jdbcUrl())
                .property("spring.datasource.username", own.user())
                .property("spring.datasource.password", own.password())
                .property("spring.main.banner-mode", "off")
                .property("logging.level.root", "off")
                .property("kafka.servers", Backends.kafka().bootstrapServers())
                .property("kafka.topic", topic)
                .start(AgentJvm.springBootAppJar())) {
      app.awaitSuccess();
      return app.stdout();
    }
  }
}

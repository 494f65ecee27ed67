package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: with OpenTelemetry's agent in the same JVM, before ours or after it, both record the
 * service, and neither records the other (fault 83). Method: the Spring Boot service with both.
 */
class OpenTelemetryIT {
  private static final Duration DEADLINE = Duration.ofMinutes(4);
  private static final int TICKETS = 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bothAgentsRecordInEitherOrderOfTheirOptions(boolean oursFirst) {
    String ours = "-javaagent:" + AgentJvm.agentJar();
    String theirs = "-javaagent:" + Libraries.classPath("opentelemetry");
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    try (Postgres recorded = Backends.postgres().newDatabase();
        Postgres own = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .withoutAgent() // By the options below, in their order.
                .options(oursFirst ? ours : theirs, oursFirst ? theirs : ours)
                .service("tickets")
                .postgres(recorded)
                .kafka(kafka, events)
                .property("agentlog.shutdown.wait", "60s")
                .property("otel.traces.exporter", "console")
                .property("otel.metrics.exporter", "none")
                .property("otel.logs.exporter", "none")
                .property(
                    "otel.javaagent.exclude-class-loaders",
                    "io.agentlog.agent.bootstrap.AgentClassLoader")
                .property("spring.datasource.url", own.jdbcUrl())
                .property("spring.datasource.username", own.user())
                .property("spring.datasource.password", own.password())
                .property("kafka.servers", kafka.bootstrapServers())
                .property("kafka.topic", kafka.newTopic(1))
                .start(AgentJvm.springBootAppJar())) {
      assertThat(app.awaitExit(DEADLINE)).as("%s", app.stderr()).isZero();
      assertThat(app.stdout()).contains("stored " + TICKETS);
      assertThat(Rows.executions(recorded).ofAgent("tickets").withStatus("success").count())
          .isEqualTo(TICKETS);
      assertThat(Rows.stages(recorded).count()).isEqualTo(TICKETS);
      assertThat(kafka.awaitRecordCount(events, TICKETS * 3L, DEADLINE)).isTrue();
      assertThat(app.stderr())
          .anyMatch(line -> line.contains("INSERT") && line.contains("tickets"));
      assertThat(app.stderr())
          .filteredOn(line -> line.contains("SpanExporter"))
          .noneMatch(
              line -> line.contains("[agentlog-") || line.contains(recorded.database() + ","));
    }
  }
}

package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the main job on real input. Method: the sample router answers its whole request file, with
 * the shipped jar and without, and what PostgreSQL and Kafka hold is compared with the requests;
 * then the queries of the Python logger's users are asked.
 */
class SampleRouterIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that differ from run to run. */
  private static final Set<String> OF_THE_RUN =
      Set.of("event_id", "occurred_at", "routing_time_ms");

  @TempDir Path directory;

  @Test
  void routerAnswersTheSameAndEachRequestIsARowAndItsEvents() throws Exception {
    List<String> requests = Files.readAllLines(requestFile());
    List<JsonNode> without = answers(AgentJvm.in(directory).withoutAgent(), requests, null);
    try (Postgres database = Backends.postgres().newDatabase()) {
      Kafka kafka = Backends.kafka();
      String topic = kafka.newTopic(3);
      List<JsonNode> with =
          answers(
              AgentJvm.in(directory).postgres(database).kafka(kafka, topic), requests, database);

      assertThat(with).isEqualTo(without);
      assertThat(requests).hasSizeGreaterThanOrEqualTo(200);
      assertThat(topLevel(database).ended().count()).isEqualTo(requests.size());
      assertPromptsAreExact(database, requests);
      assertPythonQueriesWork(database, requests.size());
      assertEventsMatchRows(database, kafka, topic);
    }
  }

  private List<JsonNode> answers(AgentJvm.Builder builder, List<String> requests, Postgres database)
      throws IOException {
    try (AgentJvm router = builder.service("router").start(AgentJvm.sampleAppJar())) {
      requests.forEach(router::say);
      router.await("all answers", DEADLINE, () -> router.stdout().size() >= requests.size());
      if (database != null) {
        topLevel(database).ended().awaitCount(requests.size(), DEADLINE);
      }
      router.endInput();
      router.awaitSuccess();
      List<JsonNode> answers = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        ObjectNode answer = (ObjectNode) JSON.readTree(router.stdout().get(i));
        answer.remove(OF_THE_RUN);
        if (!JSON.readTree(requests.get(i)).has("correlation_id")) {
          answer.remove("correlation_id"); // The router made it.
        }
        answers.add(answer);
      }
      return answers;
    }
  }

  private static void assertPromptsAreExact(Postgres database, List<String> requests)
      throws IOException {
    Set<String> given = new HashSet<>();
    for (String request : requests) {
      given.add(JSON.readTree(request).path("user_request").asText(""));
    }
    Set<Object> stored = new HashSet<>(topLevel(database).withPrompt().valuesOf("user_prompt"));
    given.remove("");
    stored.remove("");
    assertThat(stored).isEqualTo(given);
  }

  private static void assertPythonQueriesWork(Postgres database, int requestCount) {
    assertThat(
            Rows.of(
                database,
                "SELECT agent_name, status, quality_score, duration_ms, started_at"
                    + " FROM agent_execution_logs ORDER BY started_at DESC LIMIT 10"))
        .hasSize(10);
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs e JOIN agent_routing_decisions r"
                    + " ON e.correlation_id = r.correlation_id WHERE r.selected_agent IS NOT NULL"))
        .isGreaterThan(requestCount / 2);
    assertThat(
            Rows.of(
                database,
                "SELECT DISTINCT metadata->'progress'->>'stage' AS stage FROM agent_execution_logs"
                    + " WHERE agent_name = 'agent-router' AND status = 'success'"))
        .extracting(row -> row.get("stage"))
        .contains("decide");
    assertThat(
            String.valueOf(
                Rows.of(
                        database,
                        "SELECT ROUND(AVG(quality_score), 2) AS mean FROM agent_execution_logs"
                            + " WHERE quality_score IS NOT NULL")
                    .get(0)
                    .get("mean")))
        .matches("0\\.\\d\\d|1\\.00");
    for (String status : List.of("success", "failed", "cancelled")) {
      assertThat(Rows.executions(database).withStatus(status).count()).as(status).isPositive();
    }
  }

  private static void assertEventsMatchRows(Postgres database, Kafka kafka, String topic) {
    long executions = Rows.executions(database).count();
    long events =
        2 * executions
            + Rows.stages(database).count()
            + Rows.count(database, "SELECT count(*) FROM agent_routing_decisions");
    assertThat(kafka.awaitRecordCount(topic, events, DEADLINE)).isTrue();
    Set<String> eventIds = new HashSet<>();
    for (ConsumerRecord<String, String> event : kafka.records(topic)) {
      eventIds.add(Kafka.header(event, "event_id"));
      assertThat(event.value()).contains("\"schema_version\":1").contains("\"status\":");
      assertThat(event.value()).contains("\"correlation_id\":\"" + event.key() + "\"");
    }
    assertThat(eventIds).hasSize(Math.toIntExact(events));
  }

  /** The router's own executions, one for each request; what they call has other names. */
  private static Rows.Executions topLevel(Postgres database) {
    return Rows.executions(database).ofAgent("agent-router");
  }

  private static Path requestFile() {
    Path target = AgentJvm.sampleAppJar().getParent();
    return target.resolveSibling("requests").resolve("requests.jsonl");
  }
}

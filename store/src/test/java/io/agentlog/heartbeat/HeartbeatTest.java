package io.agentlog.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.heartbeat.Heartbeat.State;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventSchemas;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

public class HeartbeatTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static Heartbeat sample(State state) {
    return new Heartbeat(
        UUID.fromString("019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11"),
        "invoices",
        Instant.parse("2026-01-02T03:04:05.123456Z"),
        state,
        "agent-execution-logs",
        12);
  }

  @Test
  void whatIsWrittenMeetsTheSchemaAndHasNoFieldThatTheSchemaDoesNotDeclare() {
    for (State state : State.values()) {
      JsonNode json = JSON.readTree(sample(state).write());

      assertThat(EventSchemas.problems(json.toString(), Heartbeat.EVENT_TYPE)).isEmpty();
      assertThat(EventSchemas.fields(Heartbeat.EVENT_TYPE))
          .containsExactlyInAnyOrderElementsOf(json.propertyNames());
    }
  }

  @Test
  void schemaRefusesAnotherStateAndATopicWithoutItsPartitions() {
    String json = new String(sample(State.ALIVE).write(), UTF_8);

    assertThat(EventSchemas.problems(json.replace("alive", "well"), "instance")).isNotEmpty();
    assertThat(EventSchemas.problems(json.replace(",\"partitions\":12", ""), "instance"))
        .isNotEmpty();
    assertThat(EventSchemas.problems("{}", "instance")).isNotEmpty();
  }

  @Test
  void whatIsWrittenIsRead() throws BrokenLineException {
    Heartbeat ended = sample(State.ENDED);
    Heartbeat bare =
        new Heartbeat(
            ended.instanceId(),
            "a",
            Instant.parse("2026-01-02T03:04:05.123456789Z"),
            State.ALIVE,
            null,
            0);

    assertThat(Heartbeat.read(ended.write())).isEqualTo(ended);
    assertThat(Heartbeat.read(bare.write())).isEqualTo(bare);
    assertThat(bare.timestamp()).isEqualTo(ended.timestamp());
    assertThat(new String(bare.write(), UTF_8)).doesNotContain("topic", "partitions");
  }

  @Test
  void brokenMessageIsRefusedWithTheReason() {
    String json = new String(sample(State.ALIVE).write(), UTF_8);

    assertBroken(json.replace("_version\":1", "_version\":2"), "schema_version is not 1");
    assertBroken(json.replace("\"instance\"", "\"started\""), "event_type is not instance");
    assertBroken(json.replace("019b7cdd-", ""), "no UUID in instance_id");
    assertBroken(json.replace("alive", "well"), "unknown state");
    assertBroken(json.replace("2026-01", "2026-13"), "timestamp");
  }

  private static void assertBroken(String json, String reason) {
    assertThatThrownBy(() -> Heartbeat.read(json.getBytes(UTF_8)))
        .isInstanceOf(BrokenLineException.class)
        .hasMessageContaining(reason);
  }
}

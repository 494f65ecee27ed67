package io.agentlog.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.json.JsonReader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an agent says of itself to others. */
class AgentStatusTest {
  private static final UUID INSTANCE = new UUID(1, 2);

  @Test
  void reportHasWhatTheStatusHasButWhatItsRowHasInColumns() throws Exception {
    AgentStatus status = status(Instant.EPOCH, "nothing takes connections at kafka:9092");
    Map<String, ?> report = JsonReader.parse(status.report().getBytes(UTF_8));

    assertThat(report).isNotEmpty();
    assertThat(report.keySet())
        .containsExactly(
            "version",
            "host",
            "pid",
            "started_at",
            "stopped",
            "running",
            "counters",
            "dropped",
            "deferred",
            "journal",
            "frameworks",
            "sinks");
    assertThat(report.get("host")).isEqualTo("pod-1");
    assertThat(report.get("journal")).hasToString("{bytes=8, max_bytes=64}");
    assertThat(report.get("dropped")).hasToString("{full=3}");
    assertThat(report.get("frameworks"))
        .hasToString(
            "[{name=langchain4j, version=1.31.0, hooks_matched=12, hooks_missing=[A#b(C)]}]");
    assertThat(report.get("sinks"))
        .hasToString(
            "[{name=kafka, target=kafka:9092/events, state=down, delivered=1, pending=2, parked=3,"
                + " undecodable=4, failures_in_a_row=5, lag_ms=6, last_error=nothing takes"
                + " connections at kafka:9092}]");
  }

  @Test
  void reportIsTheSameUntilSomethingHappens() {
    String report = status(Instant.EPOCH, null).report();

    assertThat(status(Instant.EPOCH.plusSeconds(60), null).report()).isEqualTo(report);
    assertThat(status(Instant.EPOCH, "down").report()).isNotEqualTo(report);
  }

  @Test
  void textsOfAReportAreCutAndHaveNoCharacterThatTheDatabaseRefuses() throws Exception {
    String error = "a\0b\n" + "\ud83d\ude00".repeat(1_000);
    String report = status(Instant.EPOCH, error).report();

    assertThat(report).contains("a\\\\u0000b\\\\n");
    assertThat(report.getBytes(UTF_8)).hasSizeLessThan(4 * AgentStatus.REPORT_TEXT_MAX);
    List<?> sinks = (List<?>) JsonReader.parse(report.getBytes(UTF_8)).get("sinks");
    String kept = (String) ((Map<?, ?>) sinks.get(0)).get("last_error");
    assertThat(kept).endsWith("\ude00…");
    assertThat(kept.length()).isLessThanOrEqualTo(AgentStatus.REPORT_TEXT_MAX);
  }

  private static AgentStatus status(Instant now, @Nullable String lastError) {
    return new AgentStatus(
        new AgentStatus.Identity("router", INSTANCE, "1.0", "pod-1", 7, Instant.EPOCH),
        now,
        false,
        Map.of(Counter.EVENTS_RECORDED, 9L),
        Map.of("full", 3L),
        0,
        new JournalSize(8, 64),
        1,
        List.of(new FrameworkStatus("langchain4j", "1.31.0", 12, List.of("A#b(C)"))),
        List.of(new SinkStatus("kafka", "kafka:9092/events", 1, 2, 3, 4, 5, 6, lastError)));
  }
}

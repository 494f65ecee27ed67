package io.agentlog.agent.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters.Counter;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LifecycleLinesTest {
  private static final UUID INSTANCE = new UUID(0, 1);

  private final Map<Counter, Long> counts = new EnumMap<>(Counter.class);

  @Test
  void startupLineNamesEachSinkItsTargetAndOrigin() {
    List<SinkDescription> sinks =
        List.of(
            new SinkDescription("postgres", "localhost:5432/db", "environment POSTGRES_HOST"),
            new SinkDescription(
                "kafka", "k:9092 topic t", "agent argument kafka.bootstrap-servers"));
    assertThat(StartupLine.of("0.1.0", "router", INSTANCE, sinks, "in memory, at most 64m"))
        .isEqualTo(
            "agentlog 0.1.0: service router, instance "
                + INSTANCE
                + ", sinks postgres localhost:5432/db (environment POSTGRES_HOST), kafka k:9092"
                + " topic t (agent argument kafka.bootstrap-servers), journal in memory, at most"
                + " 64m");
    assertThat(StartupLine.of("1", "x", INSTANCE, List.of(), "none")).contains(", no sinks, ");
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(AgentVersion.text()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void shutdownLineOfAGoodDayIsShort() {
    counts.put(Counter.EXECUTIONS_STARTED, 214L);
    counts.put(Counter.EVENTS_RECORDED, 1052L);
    assertThat(
            ShutdownLine.of(
                status(
                    Map.of("full", 0L),
                    0,
                    new SinkStatus("postgres", "h", 1052, 0, 0, 0, 0, 0, null))))
        .isEqualTo(
            "stopped: 214 executions, 1052 events recorded, dropped 0; postgres delivered 1052,"
                + " pending 0, parked 0");
  }

  @Test
  void shutdownLineNamesWhatWasLostByCause() {
    counts.put(Counter.OUTSIDE_EXECUTION, 3L);
    counts.put(Counter.SUPPRESSED, 1L);
    assertThat(
            ShutdownLine.of(
                status(
                    Map.of("no_segment", 4L, "full", 5L, "after_end", 2L),
                    6,
                    new SinkStatus("file", "f", 1, 2, 3, 4, 0, 0, null))))
        .isEqualTo(
            "stopped: 0 executions, 0 events recorded, dropped 11 (after_end 2, full 5, no_segment"
                + " 4), 6 deferred, 3 outside an execution, 1 errors suppressed; file delivered 1,"
                + " pending 2, parked 3, dropped 4");
  }

  private AgentStatus status(Map<String, Long> dropped, long deferred, SinkStatus sink) {
    return new AgentStatus(
        new AgentStatus.Identity("s", INSTANCE, "1", "h1", 1, Instant.EPOCH),
        Instant.EPOCH,
        true,
        counts,
        dropped,
        deferred,
        null,
        0,
        List.of(),
        List.of(sink));
  }
}

package io.agentlog.agent.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.ops.Counters.Counter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LifecycleLinesTest {
  private static final UUID INSTANCE = new UUID(0, 1);

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
                + ", sinks postgres localhost:5432/db (environment POSTGRES_HOST), kafka k:9092 topic t (agent argument kafka.bootstrap-servers), journal in memory, at most 64m");
    assertThat(StartupLine.of("1", "x", INSTANCE, List.of(), "none")).contains(", no sinks, ");
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(AgentVersion.text()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void shutdownLineOfAGoodDayIsShort() {
    Counters counters = new Counters();
    count(counters, Counter.EXECUTIONS_STARTED, 214);
    count(counters, Counter.EVENTS_RECORDED, 1052);
    assertThat(
            ShutdownLine.of(
                counters,
                Map.of("full", 0L),
                0,
                List.of(new SinkFigures("postgres", 1052, 0, 0, 0))))
        .isEqualTo(
            "stopped: 214 executions, 1052 events recorded, dropped 0; postgres delivered 1052, pending 0, parked 0");
  }

  @Test
  void shutdownLineNamesWhatWasLostByCause() {
    Counters counters = new Counters();
    count(counters, Counter.AFTER_END, 2);
    count(counters, Counter.OUTSIDE_EXECUTION, 3);
    count(counters, Counter.SUPPRESSED, 1);
    assertThat(
            ShutdownLine.of(
                counters,
                Map.of("no_segment", 4L, "full", 5L),
                6,
                List.of(new SinkFigures("file", 1, 2, 3, 4))))
        .isEqualTo(
            "stopped: 0 executions, 0 events recorded, dropped 11 (after_end 2, full 5, no_segment 4), 6 deferred, 3 outside an execution, 1 errors suppressed; file delivered 1, pending 2, parked 3, dropped 4");
  }

  private static void count(Counters counters, Counter counter, int times) {
    for (int i = 0; i < times; i++) {
      counters.increment(counter);
    }
  }
}

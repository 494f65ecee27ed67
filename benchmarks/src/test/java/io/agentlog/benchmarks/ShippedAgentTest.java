package io.agentlog.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a figure of the shipped agent counts, and when it is void. */
class ShippedAgentTest {
  private static final int PROMPT_BYTES = 64;
  private static final Calls CALLS = new Calls(Map.of(PROMPT_BYTES, 2L), false, 1);
  private static final String STOPPED =
      "[agentlog] stopped: 2 executions, 8 events recorded, dropped 0; file delivered 8, pending 0, parked 0\n";

  @TempDir Path folder;
  private final List<String> lines = new ArrayList<>();

  @BeforeEach
  void recordTwoCalls() {
    execution(UUID.randomUUID(), Prompts.of(PROMPT_BYTES));
    execution(UUID.randomUUID(), Prompts.of(PROMPT_BYTES));
  }

  @Test
  void figureCountsIfEverythingIsThere() throws IOException {
    assertThat(checkFiles(STOPPED).flaw()).isNull();
    assertThat(checkFiles(STOPPED).delivered()).isEqualTo(8);
  }

  @Test
  void droppedEventVoids() throws IOException {
    assertThat(checkFiles(STOPPED.replace("dropped 0", "dropped 1 (full 1)")).flaw())
        .contains("dropped 1 (full 1)");
  }

  @Test
  void executionThatWasNotRecordedVoids() throws IOException {
    assertThat(checkFiles(STOPPED.replace("2 exec", "1 exec").replace(" 8 ev", " 4 ev")).flaw())
        .isNotNull();
  }

  @Test
  void pendingEventVoids() throws IOException {
    assertThat(checkFiles(STOPPED.replace("8, pending 0", "7, pending 1")).flaw()).isNotNull();
  }

  @Test
  void anythingElseThatTheAgentReportsVoids() throws IOException {
    assertThat(checkFiles(STOPPED.replace("dropped 0", "dropped 0, 1 values cut")).flaw())
        .isNotNull();
  }

  @Test
  void silenceVoids() throws IOException {
    assertThat(checkFiles("Killed").flaw()).isNotNull();
  }

  @Test
  void promptWithOneOtherByteVoids() throws IOException {
    lines.set(4, lines.get(4).replace("Route this", "Route thiS"));
    assertThat(checkFiles(STOPPED).flaw()).contains("1 with another prompt");
  }

  @Test
  void executionThatIsThereTwiceVoids() throws IOException {
    lines.set(4, lines.get(0));
    assertThat(checkFiles(STOPPED).flaw()).contains("of 1 executions");
  }

  @Test
  void eventThatIsNotInTheFilesVoids() throws IOException {
    lines.remove(7);
    assertThat(checkFiles(STOPPED).flaw()).contains("7 events");
  }

  @Test
  void withBackendsDownEventsAreKeptForBoth() throws IOException {
    String kept =
        "[agentlog] stopped: 2 executions, 8 events recorded, dropped 0; postgres delivered 0, pending 8, parked 0; kafka delivered 0, pending 8, parked 0";
    assertThat(checkDown(kept).flaw()).isNull();
    assertThat(checkDown(kept).kept()).isEqualTo(8);
    assertThat(
            checkDown(
                    kept.replace("0, pending 8, parked 0; kafka", "0, pending 7, parked 0; kafka"))
                .flaw())
        .isNotNull();
    assertThat(checkDown(kept.replace("; kafka delivered 0, pending 8, parked 0", "")).flaw())
        .isNotNull();
    assertThat(checkDown(kept + ", dropped 1").flaw()).isNotNull();
  }

  private Delivery checkFiles(String stderr) throws IOException {
    Path events = Files.createDirectories(folder.resolve("benchmark/events"));
    Files.write(events.resolve("events.jsonl"), lines);
    try (ShippedAgent agent = ShippedAgent.withFiles(folder)) {
      return agent.check(stderr, CALLS);
    }
  }

  private Delivery checkDown(String stderr) throws IOException {
    try (ShippedAgent agent = ShippedAgent.withBackendsDown(folder)) {
      return agent.check(stderr, CALLS);
    }
  }

  private void execution(UUID id, String prompt) {
    lines.add(
        "{\"event_type\":\"started\",\"execution_id\":\"%s\",\"user_prompt\":\"%s\",\"metadata\":{}}"
            .formatted(id, prompt));
    for (String type : List.of("progress", "progress", "completed")) {
      lines.add("{\"event_type\":\"%s\",\"execution_id\":\"%s\"}".formatted(type, id));
    }
  }
}

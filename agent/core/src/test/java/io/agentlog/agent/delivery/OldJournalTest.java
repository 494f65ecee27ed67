package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.Status;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: this agent delivers what an older agent recorded. Method: the journal of a JVM that was
 * killed while its fourth execution ran, written by an agent from before executions had a kind.
 */
@Timeout(60)
class OldJournalTest {
  private static final String JOURNAL = "journal-without-kind.zip";

  @TempDir Path service;
  private final List<Event> delivered = new ArrayList<>();

  @Test
  void journalOfAnOlderAgentIsDeliveredToItsLastEvent() throws IOException {
    unpack();

    Map<DeadJournals.Outcome, Integer> outcomes =
        new DeadJournals(
                service,
                () -> List.of(new KeepingSink(delivered)),
                buffer -> {},
                Set.of(),
                line -> {})
            .deliverAll(() -> false);

    assertThat(outcomes).containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 1));
    assertThat(all(Event.Started.class))
        .extracting(Event.Started::prompt)
        .containsExactly(
            "Which invoices are overdue? ü 1",
            "Which invoices are overdue? ü 2",
            "Which invoices are overdue? ü 3",
            "Which invoices are overdue? ü 4");
    assertThat(all(Event.Started.class))
        .allSatisfy(start -> assertThat(start.kind()).isEqualTo(Event.Kind.METHOD))
        .allSatisfy(start -> assertThat(start.promptLength()).isEqualTo(31))
        .extracting(start -> start.header().correlation().raw())
        .containsExactly("order-1", "order-2", "order-3", "order-4");
    assertThat(all(Event.Progress.class))
        .hasSize(4)
        .allSatisfy(progress -> assertThat(progress.stage()).isEqualTo("looking up"))
        .allSatisfy(progress -> assertThat(progress.percent()).isEqualTo(40));
    assertThat(all(Event.RoutingDecision.class))
        .hasSize(4)
        .allSatisfy(decision -> assertThat(decision.selectedAgent()).isEqualTo("ledger-agent"))
        .allSatisfy(decision -> assertThat(decision.confidence()).isEqualTo(0.75))
        .allSatisfy(decision -> assertThat(decision.cacheHit()).isNull());
    assertThat(all(Event.Completed.class))
        .extracting(Event.Completed::status)
        .containsExactly(Status.SUCCESS, Status.SUCCESS, Status.FAILED, Status.FAILED);
    assertThat(all(Event.Completed.class))
        .extracting(Event.Completed::errorType)
        .containsExactly(null, null, "IllegalStateException", "ExecutionAbandoned");
  }

  private <E extends Event> List<E> all(Class<E> type) {
    return delivered.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private void unpack() throws IOException {
    try (InputStream in = OldJournalTest.class.getResourceAsStream(JOURNAL);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = service.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  /** Stands where the sink of the killed JVM stood. */
  private record KeepingSink(List<Event> delivered) implements Sink {
    @Override
    public String name() {
      return "postgres";
    }

    @Override
    public String target() {
      return "a list";
    }

    @Override
    public String fingerprint() {
      return "4155b0638bacef2a7a733fd5a441bd6f"; // As the journal names it.
    }

    @Override
    public void write(List<Event> events) {
      delivered.addAll(events);
    }

    @Override
    public void close() {}
  }
}

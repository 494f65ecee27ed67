package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Goal: journals of dead JVMs are read one by one, and never in vain. */
@Timeout(60)
class DeadJournalsTest {
  private static final int LEFTOVERS = 100;
  private static final int SEGMENT_LENGTH = 256 * 1024;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 1, 64L * SEGMENT_LENGTH, 0, 1 << 20);

  @TempDir Path service;
  private final List<String> lines = new ArrayList<>();
  private final AtomicInteger opened = new AtomicInteger();

  @Test // Fault 33
  void emptyDirectoryIsRemovedWithoutALine() throws IOException {
    for (int i = 0; i < LEFTOVERS; i++) {
      JournalDirectory.create(service, UUID.randomUUID(), Map.of()).close();
    }
    assertThat(deadJournals().deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, LEFTOVERS));
    assertThat(service).isEmptyDirectory();
    assertThat(lines).isEmpty();
  }

  @Test // Fault 33
  void undeliverableDirectoryIsReportedAndReadOnce() throws IOException {
    Path left = leave();
    DeadJournals journals = deadJournals();
    for (int pass = 0; pass < 3; pass++) {
      assertThat(journals.deliverAll(() -> false))
          .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));
    }
    assertThat(opened).hasValue(1);
    assertThat(lines).filteredOn(line -> line.contains("keeps 1 events for a")).hasSize(1);
    assertThat(left).isDirectory();
    // Another JVM may have the sink.
    assertThat(deadJournals().deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));
    assertThat(opened).hasValue(2);
  }

  @Test
  void journalThatWaitsTakesNoMoreOfTheDiskThanWhatIsInIt() throws Exception {
    Path left = leave();
    assertThat(kibibytes(left)).isGreaterThan(3 * SEGMENT_LENGTH / 1024);
    assertThat(deadJournals().deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));
    assertThat(kibibytes(left)).isLessThan(100);
    assertThat(lines).filteredOn(line -> line.contains("keeps 1 events for a")).hasSize(1);
    assertThat(deadJournals().deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));
    try (JournalDirectory directory = JournalDirectory.adopt(left, "");
        DiskJournal journal = directory.open(LIMITS, buffer -> {}, lines::add)) {
      assertThat(journal.openReader("a").read(10, 1 << 20).records())
          .containsExactly("no event".getBytes(UTF_8));
      assertThat(journal.findings().counts()).isEmpty();
    }
  }

  private static long kibibytes(Path folder) throws Exception {
    Process du = new ProcessBuilder("du", "-sk", folder.toString()).start();
    return Long.parseLong(new String(du.getInputStream().readAllBytes(), UTF_8).split("\t", 2)[0]);
  }

  @Test
  void stopIsObeyedBetweenTwoDirectories() throws IOException {
    for (int i = 0; i < 3; i++) {
      JournalDirectory.create(service, UUID.randomUUID(), Map.of()).close();
    }
    assertThat(deadJournals().deliverAll(() -> true))
        .containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 1));
  }

  private DeadJournals deadJournals() {
    return new DeadJournals(
        service,
        () -> {
          opened.incrementAndGet();
          return List.of();
        },
        buffer -> {},
        Set.of(),
        lines::add);
  }

  private Path leave() throws IOException {
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), Map.of());
        DiskJournal journal = directory.open(LIMITS, buffer -> {}, lines::add)) {
      journal.doWork();
      journal.openReader("a");
      byte[] record = "no event".getBytes(UTF_8);
      assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
      return directory.path();
    }
  }
}

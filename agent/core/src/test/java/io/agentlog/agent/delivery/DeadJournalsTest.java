package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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

  /** A live JVM's segments are never smaller than those that an adopter makes. */
  private static final JournalLimits LIVE_LIMITS =
      new JournalLimits(256 * 1024, 1, 64L * 256 * 1024, 0, 1 << 20);

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

  @Test
  void sinkThatIsDownKeepsNoOtherFromTheNextDirectories() throws IOException { // Fault 56
    for (int i = 0; i < 3; i++) {
      leave("a", "b");
    }
    FakeSink down = new FakeSink("a");
    FakeSink up = new FakeSink("b");
    down.downMessage = "connection refused";
    try (DeadJournals journals = deadJournals(down, up)) {
      assertThat(journals.look(() -> false))
          .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 3));
      assertThat(up.delivered()).hasSize(3);
      assertThat(down.delivered()).isEmpty();
      assertThat(journals.isLate()).isTrue();

      down.downMessage = null;
      assertThat(journals.deliverAll(() -> false))
          .containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 3));
    }
    assertThat(up.delivered()).hasSize(3);
    assertThat(down.delivered()).hasSize(3);
    assertThat(service).isEmptyDirectory();
    assertThat(lines).noneMatch(line -> line.contains("has no such sink"));
  }

  @Test
  void refusedEventWithoutAnotherBesideItHoldsUpNoOtherDirectory() throws IOException {
    FakeSink refusing = new FakeSink("a");
    refusing.refusals.put("completed", "42501");
    refusing.refusesData = false;
    leave("a");
    leave("a");
    assertThat(deadJournals(refusing).deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 2));
    assertThat(refusing.attempts).hasSize(2);
  }

  @Test
  void directoryWhoseSinkHasEverythingIsRemovedWithoutAWrite() throws IOException {
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), Map.of("sink.a", "fake"));
        DiskJournal journal = directory.open(LIVE_LIMITS, buffer -> {}, lines::add)) {
      journal.doWork();
      journal.openReader("a");
    }
    FakeSink sink = new FakeSink("a");
    assertThat(deadJournals(sink).deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 1));
    assertThat(sink.attempts).isEmpty();
    assertThat(service).isEmptyDirectory();
  }

  @Test
  void eventsForATargetThatHasMovedAreDeliveredWhereItIsNow() throws IOException {
    leaveFor("the old address", "a");
    FakeSink sink = new FakeSink("a");
    assertThat(deadJournals(sink).deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));
    assertThat(lines).anyMatch(line -> line.contains("drain --moved NAME"));
    assertThat(sink.attempts).isEmpty();

    DeadJournals told =
        new DeadJournals(
            service, () -> List.of(sink), buffer -> {}, Set.of(), Set.of("a"), lines::add);
    assertThat(told.deliverAll(() -> false))
        .containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 1));
    assertThat(sink.delivered()).containsExactly("completed");
  }

  private DeadJournals deadJournals(FakeSink... sinks) {
    return new DeadJournals(service, () -> List.of(sinks), buffer -> {}, Set.of(), lines::add);
  }

  /** Leaves a journal with one event for each sink. */
  private void leave(String... sinks) throws IOException {
    leaveFor("fake", sinks);
  }

  private void leaveFor(String fingerprint, String... sinks) throws IOException {
    Map<String, String> properties = new HashMap<>();
    for (String sink : sinks) {
      properties.put("sink." + sink, fingerprint);
    }
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), properties);
        DiskJournal journal = directory.open(LIVE_LIMITS, buffer -> {}, lines::add)) {
      journal.doWork();
      for (String sink : sinks) {
        journal.openReader(sink);
      }
      byte[] record = TestEvents.encodedEnd();
      assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
    }
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

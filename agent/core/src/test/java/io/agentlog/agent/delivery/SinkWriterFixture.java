package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.CapturedLog;
import io.agentlog.sink.BatchLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A writer between a real journal and a fake backend; time is a field. */
abstract class SinkWriterFixture {
  static final long LINGER_MILLIS = 20;

  @TempDir Path base;
  final FakeClock clock = new FakeClock();
  final FakeSink sink = new FakeSink();
  final HeapJournal journal = new HeapJournal(new UUID(0, 1), 64 << 20);
  CapturedLog log;
  SinkWriter writer;
  SinkCounters counters;

  @BeforeEach
  final void open() {
    log = new CapturedLog();
    open(BatchLimits.COALESCING);
  }

  final void open(BatchLimits limits) {
    open(limits, journal.openReader("reader-" + System.identityHashCode(limits)));
  }

  final void open(BatchLimits limits, JournalReader reader) {
    writer =
        new SinkWriter(
            sink,
            sink.name(),
            reader,
            TestEvents::decode,
            limits,
            new ParkedEvents(
                base,
                sink,
                new InstanceFacts(new UUID(0, 1), null, null, null, null),
                event -> "\"" + TestEvents.textOf(event) + "\"",
                clockOf2026(),
                ParkedEvents.FILE_BYTES_MAX),
            clock,
            () -> 0.5);
    counters = writer.counters();
  }

  @AfterEach
  final void restoreLog() {
    log.close();
  }

  final void append(String... texts) {
    TestEvents.append(journal, texts);
  }

  /** Appends and runs until the linger is over and nothing is left to do. */
  final void deliver(String... texts) {
    append(texts);
    turnUntilIdle();
    clock.passMillis(LINGER_MILLIS);
    turnUntilIdle();
  }

  final void retry() {
    clock.park(writer.idleNanos());
    turnUntilIdle();
  }

  final void turnUntilIdle() {
    for (int i = 0; i < 100_000; i++) {
      if (writer.doWork() == 0) {
        return;
      }
    }
    throw new AssertionError("never idle");
  }

  final void runUntilDelivered(long eventCount) {
    for (int i = 0; i < 100_000 && counters.delivered() < eventCount; i++) {
      if (writer.doWork() == 0) {
        clock.park(writer.idleNanos());
      }
    }
    turnUntilIdle();
    assertThat(counters.delivered()).isEqualTo(eventCount);
  }

  final List<String> parkedLines() throws IOException {
    return Files.readAllLines(base.resolve("parked/fake.jsonl"));
  }

  private static InstantSource clockOf2026() {
    return InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
  }
}

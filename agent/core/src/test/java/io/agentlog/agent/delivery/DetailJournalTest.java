package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.FallbackJournal;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventType;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a journal that may hold details says so in its version, and details don't confuse which
 * execution runs. Method: journals of JVMs that were killed, with records as the capture writes
 * them.
 */
@Timeout(60)
class DetailJournalTest {
  private static final int VERSION_OFFSET = 8;
  private static final int CRC_OFFSET = 48;
  private static final JournalLimits LIMITS =
      new JournalLimits(256 * 1024, 1, 64L * 256 * 1024, 0, 1 << 20);

  @TempDir Path service;
  private final List<Event> delivered = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  @Test
  void journalWithoutDetailsHasTheVersionThatOlderAgentsRead() throws IOException {
    leave(LIMITS, DetailRecords.started(1));

    assertThat(versions()).isNotEmpty().containsOnly(1);
  }

  @Test
  void journalThatMayHoldDetailsHasTheNextVersionEvenBeforeItHoldsOne() throws IOException {
    leave(LIMITS.withDetails(true), DetailRecords.started(1));

    assertThat(versions()).isNotEmpty().containsOnly(2);
  }

  @Test
  void killedExecutionWithDetailsIsEndedOnceAboveThem() throws IOException {
    leave(
        LIMITS.withDetails(true),
        DetailRecords.started(1),
        DetailRecords.prompt(2),
        DetailRecords.fileOperation(3),
        DetailRecords.fileHash(3),
        DetailRecords.intelligence(4));

    assertThat(deliver()).containsExactly(Map.entry(DeadJournals.Outcome.DELIVERED, 1));

    assertThat(delivered)
        .extracting(Event::type)
        .containsExactly(
            EventType.STARTED,
            EventType.PROMPT,
            EventType.FILE_OPERATION,
            EventType.FILE_HASH,
            EventType.INTELLIGENCE_USAGE,
            EventType.COMPLETED);
    Event.Completed end = (Event.Completed) delivered.get(5);
    assertThat(end.end()).isEqualTo(End.ABANDONED);
    assertThat(delivered.subList(0, 5))
        .allSatisfy(event -> assertThat(event.header().seq()).isLessThan(end.header().seq()));
    assertThat(service).isEmptyDirectory();
  }

  @Test
  void killedExecutionIsEndedAfterItsLastCallWhoseTotalsHold() throws IOException {
    leave(
        LIMITS,
        DetailRecords.started(1),
        DetailRecords.modelCall(2, 12),
        DetailRecords.modelCall(3, 32));

    deliver();

    assertThat(delivered)
        .extracting(Event::type)
        .containsExactly(
            EventType.STARTED, EventType.MODEL_CALL, EventType.MODEL_CALL, EventType.COMPLETED);
    assertThat(delivered.get(2).totals().tokens().input()).isEqualTo(32);
    // Totals with the seq of an end would hold for ever, and a real end could not replace them.
    assertThat(delivered.get(3).totals()).isNull();
    assertThat(delivered.get(3).header().elapsedNanos())
        .isEqualTo(delivered.get(2).header().elapsedNanos());
  }

  @Test
  void journalLeavesTheVersionOfOlderAgentsOnceItIsToldOfUsageAndStaysThere() throws IOException {
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), Map.of());
        DiskJournal journal = directory.open(LIMITS, buffer -> {}, lines::add)) {
      journal.doWork();
      append(journal, DetailRecords.started(1)); // Takes a segment of the old version.
      journal.doWork();
      assertThat(versions()).containsOnly(1);

      journal.holdUsage();
      journal.doWork();

      assertThat(versions()).contains(3);
      for (int seq = 2; seq < 20_000; seq++) { // Several segments: all new ones have the version.
        append(journal, DetailRecords.modelCall(seq, seq));
        journal.doWork();
      }
      assertThat(versions().stream().filter(version -> version == 1)).hasSizeLessThanOrEqualTo(1);
      assertThat(versions().stream().filter(version -> version == 3)).hasSizeGreaterThan(3);
      directory.remove();
    }
  }

  @Test
  void journalOnTheHeapPassesTheVersionOnToTheOneOnTheDisk() throws IOException {
    JournalDirectory directory = JournalDirectory.create(service, UUID.randomUUID(), Map.of());
    DiskJournal disk = directory.open(LIMITS, buffer -> {}, lines::add);
    FallbackJournal journal =
        new FallbackJournal(new HeapJournal(disk.instanceId(), 1 << 20), 1, () -> disk);
    try (directory;
        journal) {
      journal.holdUsage();
      while (journal.doWork() == 0) {
        Thread.onSpinWait(); // It tries after a pause of its own.
      }
      journal.doWork();

      assertThat(versions()).isNotEmpty().containsOnly(3);
      directory.remove();
    }
  }

  @Test
  void executionOfWhichADetailAloneIsLeftIsEnded() throws IOException { // Its start was delivered.
    leave(LIMITS.withDetails(true), DetailRecords.fileOperation(7));

    deliver();

    assertThat(delivered)
        .extracting(Event::type)
        .containsExactly(EventType.FILE_OPERATION, EventType.COMPLETED);
    assertThat(delivered.get(1).header().elapsedNanos())
        .isEqualTo(delivered.get(0).header().elapsedNanos());
  }

  @Test
  void hashAloneNeitherEndsNorRevivesAnExecution() throws IOException { // Its end was delivered.
    leave(LIMITS.withDetails(true), DetailRecords.fileHash(3));

    deliver();

    assertThat(delivered).extracting(Event::type).containsExactly(EventType.FILE_HASH);
  }

  @Test
  void hashAfterTheEndLeavesNothingRunning() throws IOException {
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), Map.of());
        DiskJournal journal = directory.open(LIMITS.withDetails(true), buffer -> {}, lines::add);
        RunningExecutions running =
            new RunningExecutions(journal, DetailRecords.DECODER::summary)) {
      journal.doWork();
      append(
          journal,
          DetailRecords.started(1),
          DetailRecords.fileOperation(2),
          DetailRecords.completed(3),
          DetailRecords.fileHash(2));

      running.poll();

      assertThat(running.runningCount()).isZero();
      assertThat(running.shutDownEnds()).isEmpty();
      directory.remove();
    }
  }

  @Test
  void journalOfTheVersionAfterIsLeftAloneWithALine() throws IOException {
    leave(LIMITS.withDetails(true), DetailRecords.started(1));
    for (Path segment : segments()) {
      byte[] bytes = Files.readAllBytes(segment);
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(VERSION_OFFSET, 4);
      CRC32C crc = new CRC32C();
      crc.update(bytes, 0, CRC_OFFSET);
      header.putInt(CRC_OFFSET, (int) crc.getValue());
      Files.write(segment, bytes);
    }

    assertThat(deliver()).containsExactly(Map.entry(DeadJournals.Outcome.LEFT, 1));

    assertThat(delivered).isEmpty();
    assertThat(lines).anyMatch(line -> line.contains("was written by another version of agentlog"));
    assertThat(versions()).containsOnly(4);
  }

  @Test
  void withheldTextsAreNowhereOnTheWay() throws IOException {
    String canary = DetailRecords.CANARY;
    leave(LIMITS.withDetails(true), DetailRecords.started(1), DetailRecords.withheldPrompt(2));
    for (Path segment : segments()) {
      assertThat(Files.readString(segment, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain(canary);
    }

    deliver();

    assertThat(delivered).hasSize(3);
    assertThat(delivered)
        .allSatisfy(
            event ->
                assertThat(
                        new String(
                                EventJsonWriter.write(event),
                                java.nio.charset.StandardCharsets.UTF_8)
                            + event)
                    .doesNotContain(canary));
  }

  private Map<DeadJournals.Outcome, Integer> deliver() throws IOException {
    return new DeadJournals(
            service, () -> List.of(new KeepingSink(delivered)), buffer -> {}, Set.of(), lines::add)
        .deliverAll(() -> false);
  }

  private void leave(JournalLimits limits, byte[]... records) throws IOException {
    try (JournalDirectory directory =
            JournalDirectory.create(service, UUID.randomUUID(), Map.of("sink.keeping", "fake"));
        DiskJournal journal = directory.open(limits, buffer -> {}, lines::add)) {
      journal.doWork();
      journal.openReader("keeping");
      append(journal, records);
    }
  }

  private static void append(DiskJournal journal, byte[]... records) {
    for (byte[] record : records) {
      assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.walk(service)) {
      return files.filter(file -> file.toString().endsWith(".seg")).toList();
    }
  }

  private List<Integer> versions() throws IOException {
    List<Integer> versions = new ArrayList<>();
    for (Path segment : segments()) {
      versions.add(
          ByteBuffer.wrap(Files.readAllBytes(segment))
              .order(ByteOrder.LITTLE_ENDIAN)
              .getInt(VERSION_OFFSET));
    }
    return versions;
  }

  private record KeepingSink(List<Event> delivered) implements Sink {
    @Override
    public String name() {
      return "keeping";
    }

    @Override
    public String target() {
      return "a list";
    }

    @Override
    public String fingerprint() {
      return "fake";
    }

    @Override
    public void write(List<Event> events) {
      delivered.addAll(events);
    }

    @Override
    public void close() {}
  }
}

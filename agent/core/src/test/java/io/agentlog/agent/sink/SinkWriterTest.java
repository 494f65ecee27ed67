package io.agentlog.agent.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.ops.CapturedLog;
import io.agentlog.agent.sink.SinkWriter.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinkWriterTest {
  private static final long LINGER_MILLIS = 20;

  @TempDir Path base;
  private final FakeClock clock = new FakeClock();
  private final FakeSink sink = new FakeSink();
  private final HeapJournal journal = new HeapJournal(new UUID(0, 1), 64 << 20);
  private CapturedLog log;
  private SinkWriter writer;
  private SinkCounters counters;

  @BeforeEach
  void open() {
    log = new CapturedLog();
    open(BatchLimits.COALESCING);
  }

  private void open(BatchLimits limits) {
    JournalReader reader = journal.openReader("reader-" + System.identityHashCode(limits));
    writer =
        new SinkWriter(
            sink,
            reader,
            TestEvents::decode,
            limits,
            new ParkedEvents(
                base, "fake", event -> "\"" + TestEvents.textOf(event) + "\"", clockOf2026()),
            clock,
            () -> 0.5);
    counters = writer.counters();
  }

  @AfterEach
  void restoreLog() {
    log.close();
  }

  @Test
  void batchWaitsForItsLingerSoThatAShortExecutionIsOneWrite() {
    append("a");
    turnUntilIdle();
    clock.passMillis(LINGER_MILLIS - 1);
    append("b");
    turnUntilIdle();
    assertThat(sink.attempts).isEmpty();
    assertThat(writer.idleNanos()).isEqualTo(1_000_000);
    clock.passMillis(1);
    turnUntilIdle();
    assertThat(sink.writes).containsExactly(List.of("a", "b"));
    assertThat(counters.delivered()).isEqualTo(2);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void fullBatchDoesNotLingerByEventsOrBytes() {
    open(new BatchLimits(3, 10, Duration.ofHours(1)));
    append("a", "b", "c", "d");
    turnUntilIdle();
    assertThat(sink.writes).containsExactly(List.of("a", "b", "c"));
    append("0123456789", "e");
    turnUntilIdle();
    assertThat(sink.writes).hasSize(2).last().isEqualTo(List.of("d", "0123456789"));
  }

  @Test
  void withoutLingerAnEventIsDeliveredInItsFirstTurn() {
    open(BatchLimits.PROMPT);
    append("a");
    assertThat(writer.doWork()).isPositive();
    assertThat(sink.delivered()).containsExactly("a");
  }

  @Test
  void idleThreadParksShortlyForASecondAfterTheLastRecordThenLonger() {
    deliver("a");
    assertThat(writer.idleNanos()).isEqualTo(5_000_000);
    clock.passMillis(1_000);
    assertThat(writer.doWork()).isZero();
    assertThat(writer.idleNanos()).isEqualTo(50_000_000);
  }

  @Test
  void outageThenRecoveryDeliversEveryEventOnceInOrder() { // Faults 35 and 37
    sink.downMessage = "connection refused";
    String[] texts = IntStream.range(0, 50).mapToObj(i -> "e" + i).toArray(String[]::new);
    deliver(texts);
    append("later");
    for (int i = 0; i < 20; i++) {
      assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
      assertThat(counters.pending()).isEqualTo(51);
      clock.park(writer.idleNanos());
      turnUntilIdle();
    }
    assertThat(counters.failuresInARow()).isGreaterThan(5);
    assertThat(counters.lastError()).isEqualTo("connection refused");
    sink.downMessage = null;
    runUntilDelivered(51);
    assertThat(sink.delivered()).startsWith(texts).endsWith("later").hasSize(51);
    assertThat(counters.delivered()).isEqualTo(51);
    assertThat(counters.pending()).isZero();
    assertThat(counters.failuresInARow()).isZero();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
  }

  @Test
  void oneLineForEachChangeOfStateAndOneAMinuteInBetween() { // Fault 87
    sink.downMessage = "connection refused";
    deliver("a", "b");
    long downSince = clock.nanoTime();
    while (clock.nanoTime() - downSince < 3_600_000_000_000L) {
      turnUntilIdle();
      clock.park(writer.idleNanos());
    }
    sink.downMessage = null;
    runUntilDelivered(2);
    List<String> lines = log.lines();
    assertThat(lines.get(0)).contains("fake - WARN down at host:1: connection refused");
    assertThat(lines.get(lines.size() - 1))
        .contains("fake - up again after 36")
        .endsWith("2 events were waiting");
    assertThat(lines.subList(1, lines.size() - 1))
        .hasSizeBetween(40, 60)
        .allMatch(line -> line.contains("still down after") && line.contains("2 events wait"));
  }

  @Test
  void shortestWaitThatTheSinkAsksForIsKept() { // Fault 41
    sink.downMessage = "password refused";
    sink.retryDelayMin = Duration.ofSeconds(30);
    deliver("a");
    assertThat(writer.idleNanos()).isEqualTo(30_000_000_000L);
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(writer.state()).isEqualTo(State.STOPPED);
    assertThat(sink.attempts).hasSize(1);
  }

  @Test
  void slowSinkGetsFullBatchesAndNoMore() { // Fault 36
    for (int i = 0; i < 5_000; i++) {
      append("e" + i);
    }
    deliver();
    assertThat(sink.writes).extracting(List::size).containsExactly(2_000, 2_000, 1_000);
  }

  @Test
  void whateverTheSinkThrowsIsAnOutageAndTheThreadGoesOn() {
    sink.unexpected = new IllegalStateException("a bug");
    deliver("a");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    sink.unexpected = new NoClassDefFoundError("java/sql/Driver");
    retry();
    assertThat(counters.failuresInARow()).isEqualTo(2);
    assertThat(counters.lastError()).contains("NoClassDefFoundError: java/sql/Driver");
    sink.unexpected = null;
    runUntilDelivered(1);
    assertThat(sink.delivered()).containsExactly("a");
    assertThat(log.lines()).hasSize(2).first().asString().contains("IllegalStateException: a bug");
  }

  @Test
  void poisonInTheMiddleIsParkedAloneAndItsNeighboursAreDelivered() throws IOException { // Fault 43
    sink.refusals.put("poison", "22003");
    deliver("a", "b", "poison", "c", "d");
    assertThat(sink.delivered()).containsExactly("a", "b", "c", "d");
    assertThat(parkedLines()).hasSize(1);
    assertThat(parkedLines().get(0))
        .isEqualTo(
            "{\"time\":\"2026-01-01T00:00:00Z\",\"reason\":\"22003\",\"message\":\"no place for"
                + " 22003\",\"event\":\"poison\"}");
    assertThat(counters.parked()).isEqualTo(1);
    assertThat(counters.delivered()).isEqualTo(4);
    assertThat(counters.pending()).isZero();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
    assertThat(log.lines()).hasSize(1).first().asString().contains("1 events refused", "22003");
  }

  @Test
  void everySecondEventRefusedForItsOwnReasonIsParkedWithTheRestDelivered() throws IOException {
    for (int i = 0; i < 300; i++) {
      append("good" + i, "bad" + i);
      sink.refusals.put("bad" + i, "23514");
    }
    append("end");
    deliver();
    assertThat(counters.delivered()).isEqualTo(301);
    assertThat(counters.parked()).isEqualTo(300);
    assertThat(parkedLines()).hasSize(300);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void sameRefusalOfAWholeBatchIsAnOutageAndNothingIsParked() { // Fault 43
    sink.refusals.put("*", "23502 owner");
    deliver("a", "b", "c");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(counters.parked()).isZero();
    assertThat(counters.pending()).isEqualTo(3);
    assertThat(log.lines()).hasSize(1).first().asString().contains("3 events in a row refused");
    sink.refusals.clear();
    runUntilDelivered(3);
    assertThat(sink.writes).containsExactly(List.of("a", "b", "c"));
    assertThat(base.resolve("parked")).doesNotExist();
  }

  @Test
  void wholeRefusedBatchBlocksNobodyOnceAGoodEventIsBehindIt() throws IOException { // Fault 43
    sink.refusals.put("poison 1", "22P05");
    sink.refusals.put("poison 2", "22P05");
    deliver("poison 1", "poison 2");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    append("good");
    runUntilDelivered(1);
    assertThat(sink.delivered()).containsExactly("good");
    assertThat(parkedLines()).hasSize(2);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void differentReasonsInAWholeBatchAreTheEventsFault() throws IOException {
    sink.refusals.put("a", "22003");
    sink.refusals.put("b", "23514");
    deliver("a", "b");
    assertThat(writer.state()).isEqualTo(State.RUNNING);
    assertThat(counters.parked()).isEqualTo(1); // The second is held until the next outcome.
    deliver("c");
    assertThat(parkedLines()).hasSize(2);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void hundredRefusalsInARowAreAnOutageEvenOneByOneAndNothingIsParked() { // Fault 43
    sink.refusals.put("*", "23502");
    for (int i = 0; i < 99; i++) {
      deliver("e" + i);
      assertThat(writer.state()).isEqualTo(State.RUNNING);
    }
    assertThat(counters.pending()).isEqualTo(99);
    deliver("e99");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(base.resolve("parked")).doesNotExist();
    sink.refusals.clear();
    runUntilDelivered(100);
    assertThat(sink.delivered())
        .containsExactly(IntStream.range(0, 100).mapToObj(i -> "e" + i).toArray(String[]::new));
    assertThat(counters.pending()).isZero();
  }

  @Test
  void hundredRefusalsInsideABatchAreAnOutageAfterWhatWasDelivered() {
    for (int i = 0; i < 1_000; i++) {
      append("e" + i);
      if (i >= 500) {
        sink.refusals.put("e" + i, "42501");
      }
    }
    deliver();
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(counters.delivered()).isEqualTo(500);
    assertThat(counters.parked()).isZero();
    sink.refusals.clear();
    runUntilDelivered(1_000);
    assertThat(sink.delivered()).doesNotHaveDuplicates().hasSize(1_000);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void singleRefusedEventIsHeldAndSaidUntilADeliveryShowsItsFault() throws IOException {
    sink.refusals.put("poison", "22003");
    deliver("poison");
    assertThat(counters.pending()).isEqualTo(1);
    assertThat(counters.parked()).isZero();
    clock.passMillis(1_000);
    turnUntilIdle();
    turnUntilIdle();
    assertThat(log.lines()).hasSize(1).first().asString().contains("1 events refused (22003");
    deliver("good");
    assertThat(parkedLines()).hasSize(1);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void outageAmidHalvingTriesTheRestAgainAndLosesNothing() throws IOException {
    sink.refusals.put("poison", "22003");
    append("a", "b", "poison", "c");
    clock.passMillis(LINGER_MILLIS);
    writer.doWork();
    clock.passMillis(LINGER_MILLIS);
    writer.doWork(); // The whole batch is refused.
    writer.doWork(); // The first half is delivered.
    assertThat(sink.delivered()).containsExactly("a", "b");
    sink.downMessage = "gone";
    turnUntilIdle();
    assertThat(counters.pending()).isEqualTo(4); // One batch of the journal, not settled yet.
    sink.downMessage = null;
    runUntilDelivered(3);
    assertThat(sink.delivered()).containsExactly("a", "b", "c");
    assertThat(parkedLines()).hasSize(1);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void eventThatCantBeParkedStaysAndIsAnOutage() throws IOException {
    Path parked = Files.createFile(base.resolve("parked")); // A file where the directory belongs.
    sink.refusals.put("poison", "22003");
    deliver("a", "poison", "b");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(counters.parked()).isZero();
    assertThat(counters.pending()).isEqualTo(3);
    assertThat(counters.lastError()).contains("can't be parked", "is not a directory");
    assertThat(log.lines()).hasSize(1);
    Files.delete(parked);
    retry();
    deliver("c");
    assertThat(parkedLines()).hasSize(1);
    assertThat(sink.delivered()).containsExactly("a", "b", "c");
    assertThat(counters.pending()).isZero();
  }

  @Test
  void undecodableRecordsAreCountedPassedAndReportedOnceAMinute() {
    deliver("damaged1", "a", "damaged2");
    deliver("damaged3");
    assertThat(sink.delivered()).containsExactly("a");
    assertThat(counters.undecodable()).isEqualTo(3);
    assertThat(counters.pending()).isZero();
    assertThat(log.lines()).hasSize(1).first().asString().contains("record is damaged1");
    clock.passMillis(60_000);
    turnUntilIdle();
    assertThat(log.lines()).hasSize(2).last().asString().contains("2 records", "damaged3");
  }

  @Test
  void stopDeliversWhatIsThereWithoutLingerThenEnds() {
    append("a", "b");
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(sink.writes).containsExactly(List.of("a", "b"));
    assertThat(writer.state()).isEqualTo(State.STOPPED);
    writer.close();
    assertThat(sink.closedCount).isEqualTo(1);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void stopWhileDownTriesOnceAndLeavesPendingCounted() {
    sink.downMessage = "connection refused";
    deliver("a", "b");
    append("c");
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(writer.state()).isEqualTo(State.STOPPED);
    assertThat(sink.attempts).hasSize(2);
    writer.close();
    assertThat(counters.pending()).isEqualTo(3);
    assertThat(log.lines())
        .last()
        .asString()
        .contains("stopped with 3 events not delivered; down: connection refused");
  }

  @Test
  void stopEndsAtItsDeadlineThoughEventsAreLeft() {
    for (int i = 0; i < 2_500; i++) {
      append("e" + i);
    }
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    writer.doWork();
    writer.doWork();
    clock.passMillis(1_000);
    turnUntilIdle();
    assertThat(writer.state()).isEqualTo(State.STOPPED);
    assertThat(counters.delivered()).isEqualTo(2_000);
    assertThat(counters.pending()).isEqualTo(500);
  }

  @Test
  void eventHeldAtTheStopIsParked() throws IOException {
    sink.refusals.put("poison", "22003");
    deliver("poison");
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(writer.state()).isEqualTo(State.STOPPED);
    assertThat(parkedLines()).hasSize(1);
    assertThat(counters.pending()).isZero();
  }

  private void append(String... texts) {
    TestEvents.append(journal, texts);
  }

  /** Appends and runs until the linger is over and nothing is left to do. */
  private void deliver(String... texts) {
    append(texts);
    turnUntilIdle();
    clock.passMillis(LINGER_MILLIS);
    turnUntilIdle();
  }

  private void retry() {
    clock.park(writer.idleNanos());
    turnUntilIdle();
  }

  private void turnUntilIdle() {
    for (int i = 0; i < 100_000; i++) {
      if (writer.doWork() == 0) {
        return;
      }
    }
    throw new AssertionError("never idle");
  }

  private void runUntilDelivered(long eventCount) {
    for (int i = 0; i < 100_000 && counters.delivered() < eventCount; i++) {
      if (writer.doWork() == 0) {
        clock.park(writer.idleNanos());
      }
    }
    turnUntilIdle();
    assertThat(counters.delivered()).isEqualTo(eventCount);
  }

  private List<String> parkedLines() throws IOException {
    return Files.readAllLines(base.resolve("parked/fake.jsonl"));
  }

  private static InstantSource clockOf2026() {
    return InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
  }
}

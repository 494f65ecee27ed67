package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.delivery.SinkWriter.State;
import io.agentlog.sink.BatchLimits;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SinkWriterTest extends SinkWriterFixture {
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
  void stopDeliversPendingEventsWithoutLingerThenEnds() {
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
  void sinkIsMaintainedBetweenBatchesAndNotWhileItIsDown() {
    turnUntilIdle();
    assertThat(sink.maintainedCount).isEqualTo(1);
    sink.downMessage = "connection refused";
    deliver("a");
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    int count = sink.maintainedCount;
    turnUntilIdle();
    assertThat(sink.maintainedCount).isEqualTo(count);
    sink.downMessage = null;
    retry();
    assertThat(sink.maintainedCount).isGreaterThan(count);
    assertThat(sink.delivered()).containsExactly("a");
  }

  @Test
  void refusedBatchIsTakenApartBeforeTheSinkIsMaintainedAgain() {
    sink.refusals.put("b", "22003");
    append("a", "b", "c");
    turnUntilIdle();
    clock.passMillis(LINGER_MILLIS);
    writer.doWork();
    int count = sink.maintainedCount;
    assertThat(writer.doWork()).isPositive();
    assertThat(writer.doWork()).isPositive();
    assertThat(sink.attempts).hasSizeGreaterThan(2);
    assertThat(sink.maintainedCount).isEqualTo(count);
  }

  @Test
  void sinkThatCantBeMaintainedIsDownUntilItCanBe() {
    sink.maintainDownMessage = "server gone";
    turnUntilIdle();
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(counters.lastError()).isEqualTo("server gone");
    retry();
    assertThat(counters.failuresInARow()).isEqualTo(2);
    sink.maintainDownMessage = null;
    sink.maintains = true;
    clock.park(writer.idleNanos());
    writer.doWork();
    writer.doWork();
    assertThat(counters.failuresInARow()).isZero();
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("down at host:1: server gone");
    assertThat(log.lines().get(1)).contains("up again");
  }

  @Test
  void sinkThatTakesNoEventsIsNotUpBecauseItCanBeMaintained() {
    sink.downMessage = "no right";
    deliver("a");
    sink.maintains = true;
    clock.park(writer.idleNanos());
    for (int i = 0; i < 3; i++) {
      writer.doWork();
    }
    assertThat(counters.failuresInARow()).isEqualTo(2);
    assertThat(log.lines()).hasSize(1);
  }
}

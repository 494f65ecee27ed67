package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.delivery.SinkWriter.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SinkWriterRefusalTest extends SinkWriterFixture {
  @Test
  void poisonInTheMiddleIsParkedAloneAndItsNeighboursAreDelivered() throws IOException { // Fault 43
    sink.refusals.put("poison", "22003");
    deliver("a", "b", "poison", "c", "d");
    assertThat(sink.delivered()).containsExactly("a", "b", "c", "d");
    assertThat(parkedLines()).hasSize(1);
    assertThat(parkedLines().get(0))
        .isEqualTo(
            "{\"time\":\"2026-01-01T00:00:00Z\",\"reason\":\"22003\",\"message\":\"no place for"
                + " 22003\",\"event\":\"poison\",\"target\":\"fake\",\"instance\":{\"instance_id\":\"00000000-0000-0000-0000-000000000001\"},\"record\":\"cG9pc29u\"}");
    assertThat(counters.parked()).isEqualTo(1);
    assertThat(counters.delivered()).isEqualTo(4);
    assertThat(counters.pending()).isZero();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
    assertThat(log.lines()).hasSize(1).first().asString().contains("1 events refused", "22003");
  }

  @Test
  void eventsRefusedByNameAreParkedAtOnceAndTheOthersAreDeliveredByOneAttempt() throws IOException {
    sink.noPlaceFor = "detail";
    deliver("a", "detail 1", "b", "detail 2");
    assertThat(sink.attempts).hasSize(1);
    assertThat(sink.delivered()).containsExactly("a", "b");
    assertThat(parkedLines()).hasSize(2);
    assertThat(counters.parked()).isEqualTo(2);
    assertThat(counters.delivered()).isEqualTo(2);
    assertThat(counters.pending()).isZero();
    assertThat(log.lines()).hasSize(1).first().asString().contains("2 events refused", "create it");
  }

  @Test
  void anyNumberOfEventsRefusedByNameNeverMakesTheSinkDown() throws IOException {
    sink.noPlaceFor = "detail";
    for (int i = 0; i < 1_000; i++) {
      append("detail " + i);
    }
    append("end");
    deliver();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
    assertThat(sink.delivered()).containsExactly("end");
    assertThat(counters.parked()).isEqualTo(1_000);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void eventsRefusedByNameThatCanNotBeParkedAreLostAndCountedAndHoldUpNothing() throws IOException {
    sink.noPlaceFor = "detail";
    Files.writeString(base.resolve("parked"), "in the way");
    deliver("a", "detail 1", "b");
    assertThat(sink.delivered()).containsExactly("a", "b");
    assertThat(counters.undecodable()).isEqualTo(1);
    assertThat(counters.parked()).isZero();
    assertThat(counters.pending()).isZero();
    assertThat(log.lines())
        .hasSize(1)
        .first()
        .asString()
        .contains("1 events that the sink has no place for are dropped");
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
    assertThat(sink.writes).containsExactly(List.of("a"), List.of("b", "c"));
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
  void hundredRefusalsInsideABatchAreAnOutageAfterItsDeliveredEvents() {
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
  void singleRefusedEventIsHeldAndReportedUntilADeliveryShowsItsFault() throws IOException {
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
    assertThat(counters.lastError()).contains("can't be parked", "is not a folder");
    assertThat(log.lines()).hasSize(1);
    Files.delete(parked);
    retry();
    deliver("c");
    assertThat(parkedLines()).hasSize(1);
    assertThat(sink.delivered()).containsExactly("a", "b", "c");
    assertThat(counters.pending()).isZero();
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

  @Test
  void longRunOfRefusalsBlocksNobodyIfAnEventFurtherOnIsTaken() throws IOException {
    for (int i = 0; i < 250; i++) {
      append("bad" + i);
      sink.refusals.put("bad" + i, "P0001");
    }
    sink.refusesData = false;
    append("started:7:0", "stage:7:1");
    deliver();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
    assertThat(sink.delivered()).containsExactly("started", "stage:7:1");
    assertThat(parkedLines()).hasSize(250);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void outageByRefusalsCostsTwoEventsAnAttempt() {
    sink.refusals.put("*", "42501");
    sink.refusesData = false;
    append("started:1:0");
    for (int i = 0; i < 500; i++) {
      append("started:" + i + ":1", "completed:" + i + ":1");
    }
    deliver();
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    for (int i = 0; i < 3; i++) {
      sink.attempts.clear();
      retry();
      assertThat(sink.attempts).containsExactly(List.of("started"), List.of("started"));
    }
    sink.refusals.clear();
    runUntilDelivered(1_001);
    assertThat(base.resolve("parked")).doesNotExist();
  }

  @Test
  void eventThatPassesOnceTheCauseIsMendedIsNotParked() {
    sink.refusals.put("early", "42501");
    sink.refusesData = false;
    deliver("early");
    assertThat(counters.pending()).isEqualTo(1);
    sink.refusals.clear(); // The right is granted.
    deliver("later");
    assertThat(sink.delivered()).containsExactly("later", "early");
    assertThat(counters.parked()).isZero();
    assertThat(counters.pending()).isZero();
  }

  @Test
  void eventHeldAtTheStopForAReasonThatMayConcernAllStaysInTheJournal() {
    sink.refusals.put("early", "42501");
    sink.refusesData = false;
    deliver("early");
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(base.resolve("parked")).doesNotExist();
    assertThat(counters.pending()).isEqualTo(1);
  }
}

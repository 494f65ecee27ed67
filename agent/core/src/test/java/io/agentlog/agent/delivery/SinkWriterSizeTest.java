package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.delivery.SinkWriter.State;
import io.agentlog.sink.BatchLimits;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: a batch that is too large, or one event that always fails, holds up nobody for ever. */
class SinkWriterSizeTest extends SinkWriterFixture {
  @Test
  void batchThatIsTooLargeForItsSinkIsHalvedUntilItPasses() { // Fault 36
    appendMany(5_000);
    sink.eventsMax = 300;
    runUntilDelivered(5_000);
    assertThat(sink.delivered()).hasSize(5_000).doesNotHaveDuplicates();
    assertThat(counters.pending()).isZero();
    assertThat(counters.parked()).isZero();
  }

  @Test
  void sizeThatFailedIsNotTriedWithEachBatchAndNotReportedAsAnOutage() {
    appendMany(5_000);
    sink.eventsMax = 300;
    runUntilDelivered(5_000);
    assertThat(sink.attempts).filteredOn(batch -> batch.size() > 300).hasSizeLessThan(8);
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("down at host:1: cancelled");
    assertThat(log.lines().get(1)).contains("up again");
  }

  @Test
  void batchesGrowAgainOnceTheSinkIsFaster() {
    appendMany(3_000);
    sink.eventsMax = 10;
    runUntilDelivered(3_000);
    sink.eventsMax = Integer.MAX_VALUE;
    clock.passMillis(BatchSize.CEILING_NANOS / 1_000_000);
    appendMany(6_000);
    runUntilDelivered(9_000);
    assertThat(sink.writes).extracting(List::size).contains(2_000);
  }

  @Test
  void oneEventThatAlwaysExceedsATimeLimitIsParkedAndTheOthersAreDelivered() throws IOException {
    sink.slow.add("stage:1:1");
    append("started:1:0", "stage:1:1");
    deliver();
    for (int i = 2; i < 50; i++) {
      append("started:" + i + ":0", "stage:" + i + ":1");
    }
    runUntilDelivered(97);
    assertThat(parkedLines()).hasSize(1);
    assertThat(counters.pending()).isZero();
    assertThat(writer.state()).isEqualTo(State.RUNNING);
  }

  @Test
  void eventThatMeetsABugIsParkedAndTheOthersAreDelivered() throws IOException {
    sink.bug = "a";
    append("a");
    for (int i = 2; i < 50; i++) {
      append("started:" + i + ":0");
    }
    runUntilDelivered(48);
    assertThat(parkedLines()).hasSize(1);
    assertThat(counters.pending()).isZero();
  }

  @Test
  void timeLimitThatNoEventMeetsIsAnOutageAndNothingIsParked() {
    appendMany(100);
    sink.eventsMax = 0;
    deliver();
    for (int i = 0; i < 100; i++) {
      retry();
    }
    assertThat(writer.state()).isEqualTo(State.BACKING_OFF);
    assertThat(writer.idleNanos()).isGreaterThan(1_000_000_000L);
    assertThat(counters.parked()).isZero();
    sink.eventsMax = Integer.MAX_VALUE;
    runUntilDelivered(100);
    assertThat(sink.delivered()).doesNotHaveDuplicates();
    assertThat(base.resolve("parked")).doesNotExist();
  }

  @Test
  void eventsThatWereTakenBeforeATimeLimitAreNotSentAgain() { // A quota of the broker.
    appendMany(3_000);
    sink.takenMax = 7;
    runUntilDelivered(3_000);
    assertThat(sink.delivered()).hasSize(3_000).doesNotHaveDuplicates();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void batchIsASmallPartOfASmallHeap() {
    assertThat(BatchLimits.PROMPT.within(24L << 20).bytesMax()).isEqualTo(384L << 10);
    assertThat(BatchLimits.PROMPT.within(1L << 20).bytesMax()).isEqualTo(64L << 10);
    assertThat(BatchLimits.PROMPT.within(256L << 20)).isEqualTo(BatchLimits.PROMPT);
  }

  @Test
  void stopTriesSmallerBatchesUntilItsDeadline() {
    appendMany(100);
    sink.eventsMax = 30;
    writer.requestStop(clock.nanoTime() + 1_000_000_000L);
    turnUntilIdle();
    assertThat(counters.delivered()).isEqualTo(100);
    assertThat(writer.state()).isEqualTo(State.STOPPED);
  }

  private void appendMany(int count) {
    for (int i = 0; i < count; i++) {
      append("e" + i);
    }
  }
}

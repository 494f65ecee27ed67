package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Status;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RunningExecutionsTest {
  private final FakeClock clock = new FakeClock();
  private final HeapJournal journal = new HeapJournal(new UUID(0, 1), 1 << 20);
  private final RunningExecutions running =
      new RunningExecutions(journal, TestEvents::summary, clock, 3, 1 << 20, false);

  @Test
  void executionRunsFromItsStartToItsEnd() {
    TestEvents.append(journal, "started:1:0", "started:2:0", "stage:1:5", "completed:1:9");
    assertThat(running.runningCount()).isZero(); // As of the last poll.
    assertThat(running.poll()).isEqualTo(4);
    assertThat(running.runningCount()).isEqualTo(1);
    assertThat(running.running())
        .extracting(EventHeader::executionId)
        .containsExactly(TestEvents.executionId(2));
    TestEvents.append(journal, "completed:2:9");
    assertThat(running.poll()).isEqualTo(1);
    assertThat(running.runningCount()).isZero();
    assertThat(running.poll()).isZero();
  }

  @Test
  void endThatIsReadBeforeItsStartIsNotForgotten() { // A reader steps over a paused thread's claim.
    TestEvents.append(journal, "stage:1:5", "completed:1:9", "started:1:0", "started:2:0");
    running.poll();
    assertThat(running.running())
        .extracting(EventHeader::executionId)
        .containsExactly(TestEvents.executionId(2));
  }

  @Test
  void executionWhoseEndWasLostIsNotWaitedFor() {
    TestEvents.append(journal, "started:1:0");
    running.poll();
    running.forget(TestEvents.executionId(1));
    assertThat(running.runningCount()).isZero();
    assertThat(running.shutDownEnds()).isEmpty();
  }

  @Test
  void executionWhoseEndWasLostBeforeItsStartWasReadIsNotRunning() { // It waited for room.
    running.forget(TestEvents.executionId(1));
    TestEvents.append(journal, "started:1:0", "started:2:0");
    running.poll();
    assertThat(running.running())
        .extracting(EventHeader::executionId)
        .containsExactly(TestEvents.executionId(2));
  }

  @Test
  void provisionalEndIsCancelledByTheShutdownAtStartPlusElapsedTime() { // Faults 9 and 14
    TestEvents.append(journal, "started:1:0");
    running.poll();
    clock.pass(7_000);
    Event.Completed end = running.shutDownEnds().get(0);
    assertThat(end.status()).isEqualTo(Status.CANCELLED);
    assertThat(end.end()).isEqualTo(End.SHUT_DOWN);
    assertThat(end.errorType()).isEqualTo("JvmShutdown");
    assertThat(end.errorMessage()).isEqualTo(End.SHUT_DOWN.errorMessage());
    assertThat(end.metadata()).isEmpty();
    assertThat(end.header().seq()).isEqualTo(Integer.MAX_VALUE - 1);
    assertThat(end.header().elapsedNanos()).isEqualTo(7_000);
    assertThat(end.header().startedAtMicros()).isEqualTo(1_000_000);
    assertThat(running.runningCount()).isEqualTo(1); // Until it comes back by the journal.
  }

  @Test
  void laterEventsCorrectAStartThatWasSeenLate() {
    TestEvents.append(journal, "started:1:0", "stage:1:40000");
    running.poll(); // The start was seen 40 µs late at least.
    TestEvents.append(journal, "stage:1:41000");
    clock.pass(9_000);
    running.poll(); // Seen later than the first, so it changes nothing.
    assertThat(running.shutDownEnds().get(0).header().elapsedNanos()).isEqualTo(49_000);
  }

  @Test
  void executionOfADeadJvmIsEndedThoughOnlyAStageOfItIsLeft() { // Its start was delivered.
    running.close(); // A journal has one follower.
    try (RunningExecutions dead =
        new RunningExecutions(journal, TestEvents::summary, clock, 3, 1 << 20, true)) {
      TestEvents.append(journal, "stage:1:5", "stage:2:7", "completed:2:9", "stage:1:8");
      dead.poll();
      assertThat(dead.abandonedEnds())
          .extracting(Event.Completed::header)
          .extracting(EventHeader::executionId, EventHeader::elapsedNanos)
          .containsExactly(tuple(TestEvents.executionId(1), 8L));
    }
  }

  @Test
  void executionsBeyondTheLimitAreCounted() {
    TestEvents.append(journal, "started:1:0", "started:2:0", "started:3:0", "started:4:0");
    running.poll();
    assertThat(running.runningCount()).isEqualTo(3);
    assertThat(running.untrackedCount()).isEqualTo(1);
    TestEvents.append(journal, "completed:4:1", "completed:1:1", "started:5:0");
    running.poll();
    assertThat(running.runningCount()).isEqualTo(3);
    assertThat(running.untrackedCount()).isEqualTo(1);
  }

  @Test
  void damagedRecordAndStageOfAnUnknownExecutionChangeNothing() {
    TestEvents.append(journal, "damaged", "stage:8:1", "completed:8:1", "started:1:0");
    assertThat(running.poll()).isEqualTo(4);
    assertThat(running.runningCount()).isEqualTo(1);
  }

  @Test
  void polledRecordsAreConfirmedAndTheFollowerIsClosed() {
    HeapJournal small = new HeapJournal(new UUID(0, 1), 100);
    RunningExecutions following =
        new RunningExecutions(
            small, TestEvents::summary, clock, RunningExecutions.RUNNING_MAX, 1 << 20, false);
    for (int i = 0; i < 10; i++) {
      TestEvents.append(small, "started:" + i + ":0");
      following.poll();
    }
    assertThat(following.runningCount()).isEqualTo(10);
    following.close();
    small.openFollower().close();
  }
}

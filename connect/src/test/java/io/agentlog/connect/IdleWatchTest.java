package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Goal: each condition for a partition without records to count as idle is one by itself; in the
 * random histories of {@link GateSimulationTest} others make up for some of them. Method: polls
 * with their seconds, and the heartbeats that were known after them.
 */
class IdleWatchTest {
  private static final int LIGHT_MAX = 100;
  private static final String QUIET = "quiet";
  private static final String BUSY = "busy";

  private final IdleWatch<String> watch = new IdleWatch<>(LIGHT_MAX);
  private long offset;
  private int heartbeatSecond;

  IdleWatchTest() {
    watch.assign(Set.of(QUIET, BUSY));
  }

  @Test
  void quietPartitionIsIdleUpToTheFirstSign() {
    heard(5, 0);
    for (int second = 5; second < 45; second += 5) {
      assertThat(heard(5, second)).as("after %s s", second).isEmpty();
    }
    assertThat(heard(5, 45)).isEqualTo(Map.of(QUIET, mark(0, 1), BUSY, mark(0, 1)));
  }

  /** It may know nothing of what came since, and its connection may be lost. */
  @Test
  void requestThatMayBeUnderWayIsWaitedFor() {
    heard(4, 0);
    for (int second = 4; second <= 40; second += 4) {
      assertThat(heard(4, second)).as("after %s s", second).isEmpty();
    }
  }

  /** 35 s have passed with the second sign, and none of the request that is sent then. */
  @Test
  void answerOfTheNextRequestIsWaitedFor() {
    heard(5, 0);
    for (int second = 5; second <= 35; second += 5) {
      heard(5, second);
    }
    assertThat(heard(5, 40)).isEmpty();
  }

  @Test
  void partitionWithRecordsIsNotIdle() {
    heard(5, 0);
    for (int second = 5; second < 45; second += 5) {
      poll(1, Set.of(BUSY), 0);
      heard(5, second);
    }
    assertThat(heard(5, 45)).containsOnlyKeys(QUIET);
  }

  @Test
  void partitionThatATaskGetsBeginsAnew() {
    heardFor40Seconds();
    watch.assign(Set.of(QUIET));
    watch.assign(Set.of(QUIET, BUSY));
    assertThat(heard(5, 45)).containsOnlyKeys(QUIET);
  }

  /** More records may wait behind them. */
  @Test
  void pollsThatAreFullDoNotCount() {
    for (int second = 0; second < 300; second += 5) {
      next(second);
      assertThat(poll(LIGHT_MAX, Set.of(), 5)).isEmpty();
    }
  }

  /** A paused connector polls, and its consumer asks for nothing. */
  @Test
  void timeWithoutAFurtherHeartbeatDoesNotCount() {
    heard(5, 0);
    for (int second = 5; second < 300; second += 5) {
      assertThat(poll(0, Set.of(), 5)).isEmpty();
    }
  }

  /** The connector may have been paused for a part of the time. */
  @Test
  void tenSecondsCountFromOneHeartbeatToTheNext() {
    heard(5, 0);
    for (int second = 30; second <= 120; second += 30) {
      for (int i = 0; i < 5; i++) {
        poll(0, Set.of(), 5);
      }
      assertThat(heard(5, second)).as("after %s s", second).isEmpty();
    }
  }

  /** The worker may have stood still. */
  @Test
  void fiveSecondsCountOfAPoll() {
    heard(9, 0);
    for (int second = 9; second <= 63; second += 9) {
      assertThat(heard(9, second)).as("after %s s", second).isEmpty();
    }
  }

  @Test
  void stepOfTheHeartbeatsBeginsAnew() {
    heardFor40Seconds();
    assertThat(heard(5, 40 + 31)).isEmpty();
    assertThat(heard(5, 40 + 36)).isEmpty();
  }

  /** The heartbeats come as before, but the task was away. */
  @Test
  void longTimeBetweenTwoHeartbeatsBeginsAnew() {
    heardFor40Seconds();
    poll(0, Set.of(), 41);
    assertThat(heard(5, 50)).isEmpty();
    assertThat(heard(5, 55)).isEmpty();
  }

  @Test
  void topicOfHeartbeatsThatWasMadeAnewBeginsAnew() {
    heardFor40Seconds();
    offset = 0;
    assertThat(heard(5, 45)).isEmpty();
    assertThat(heard(5, 50)).isEmpty();
  }

  /** A poll without records, after which a heartbeat of this second is known. */
  private Map<String, IdleMark> heard(int seconds, int heartbeat) {
    next(heartbeat);
    return poll(0, Set.of(), seconds);
  }

  private void heardFor40Seconds() {
    for (int second = 0; second <= 40; second += 5) {
      heard(5, second);
    }
  }

  private void next(int heartbeat) {
    offset++;
    heartbeatSecond = heartbeat;
  }

  private Map<String, IdleMark> poll(int records, Set<String> partitions, int seconds) {
    return watch.polled(
        records, partitions, mark(heartbeatSecond, offset), seconds * 1_000_000_000L);
  }

  private static IdleMark mark(int second, long offset) {
    return new IdleMark(second * 1_000L, offset);
  }
}

package io.agentlog.connect;

import static io.agentlog.connect.WatchedTask.event;
import static io.agentlog.connect.WatchedTask.events;
import static io.agentlog.connect.WatchedTask.heartbeats;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/**
 * Goal: heartbeats that can't be noted wait on Kafka, so that no JVM is missed that fell silent
 * meanwhile. Method: a real database, in which another session has locked a table; the test is the
 * worker, and time is a number.
 */
class HeldHeartbeatsIT extends JudgeFixture {
  /** No position is noted yet that a new attempt could go back to. */
  @Test
  void firstHeartbeatsThatCanNotBeNotedAreReadAgain() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      whileLocked(() -> task.polled(10, one(SILENT, 4, 0)));
      assertThat(task.isPaused).isTrue();
      assertThat(committable(task)).containsOnlyKeys(events(0));

      awaitResumed(task);
      assertThat(task.sought).containsExactly(4L);
      assertThat(committable(task)).containsOnlyKeys(events(0));
      task.polled(10, one(SILENT, 4, 0));
      assertThat(committable(task)).containsOnlyKeys(events(0), heartbeats());
      for (int i = 1; i < 30; i++) {
        task.polled(10, one(LIVING, 4 + i, 10 * i), event(0, i, 10 * i));
      }
      assertThat(texts(GONE)).containsExactly(SILENT.toString());
    }
  }

  /** Otherwise each attempt would read all that came since. */
  @Test
  void noHeartbeatIsReadWhileNoneCanBeNoted() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      task.polled(10, one(SILENT, 0, 0), event(0, 0, 0));
      whileLocked(
          () -> {
            task.polled(10, one(LIVING, 1, 10), event(0, 1, 10));
            assertThat(task.isPaused).isTrue();
          });
      awaitResumed(task);
      assertThat(task.sought).endsWith(1L);
      task.polled(10, one(LIVING, 1, 10));
      assertThat(task.isPaused).isFalse();
    }
  }

  /** The partition comes to the task as its consumer has left it. */
  @Test
  void taskThatGetsItsPartitionsAgainReadsHeartbeats() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      whileLocked(() -> task.polled(10, one(SILENT, 0, 0)));
      assertThat(task.isPaused).isTrue();
      task.assignedAgain();
      awaitResumed(task);
    }
  }

  private void awaitResumed(WatchedTask task) throws Exception {
    Until.holds(
        "the heartbeats are read on",
        Duration.ofSeconds(60), // Tables with a locked row are left alone for 5 s.
        () -> {
          task.polled(5);
          return !task.isPaused;
        },
        () -> String.join("\n", log.lines()));
  }

  private static Map<TopicPartition, OffsetAndMetadata> committable(WatchedTask task) {
    return task.committable(
        Map.of(heartbeats(), new OffsetAndMetadata(5), events(0), new OffsetAndMetadata(1)));
  }

  private void whileLocked(Work work) throws Exception {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("LOCK TABLE agent_fleet_instances IN SHARE MODE");
        work.run();
      }
      connection.rollback();
    }
  }

  private interface Work {
    void run() throws Exception;
  }
}

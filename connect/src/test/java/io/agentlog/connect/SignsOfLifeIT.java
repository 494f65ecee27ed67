package io.agentlog.connect;

import static io.agentlog.connect.WatchedTask.SENDER;
import static io.agentlog.connect.WatchedTask.event;
import static io.agentlog.connect.WatchedTask.events;
import static io.agentlog.connect.WatchedTask.heartbeats;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Goal: an event that was read is a sign of life of its JVM, whatever becomes of the task. Method:
 * a real database; the test is the worker, and time is a number.
 */
class SignsOfLifeIT extends JudgeFixture {
  @Test
  void eventsBringAJvmBackThatWasTakenForDead() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      for (int i = 0; i < 40; i++) {
        task.polled(10, one(i == 0 ? SENDER : LIVING, i, 10 * i));
        if (i == 20) {
          assertThat(texts(GONE)).containsExactly(SENDER.toString());
        }
        if (i > 20) {
          task.polled(0, event(0, i, 10 * i));
        }
      }
      assertThat(texts(GONE)).isEmpty();
      for (int i = 40; i < 60; i++) {
        task.polled(10, one(LIVING, i, 10 * i));
      }
      assertThat(texts(GONE)).containsExactly(SENDER.toString());
    }
  }

  /** What the task has read and not noted is read again by the next one. */
  @Test
  void offsetsWaitWhileSignsOfLifeCanNotBeNoted() throws Exception {
    try (WatchedTask reader = task(events(0))) {
      reader.polled(5, event(0, 0, 0));
      assertThat(reader.committing()).isTrue();
      reader.failure = new IllegalStateException("x");
      reader.polled(5, event(0, 1, 10));
      assertThat(reader.committing()).isFalse();
      reader.failure = null;
      reader.polled(5);
      assertThat(reader.committing()).isTrue();
    }
  }

  @Test
  void offsetsDoNotWaitForEver() throws Exception {
    try (WatchedTask reader = task(events(0))) {
      reader.polled(5, event(0, 0, 0));
      database.execute("ALTER TABLE agent_fleet_instances RENAME TO elsewhere");
      int held = 0;
      for (int i = 1; i < 100; i++) {
        reader.polled(5, event(0, i, 10 * i));
        held += reader.committing() ? 0 : 1;
      }
      assertThat(held).isBetween(50, 61); // Five minutes.
      assertThat(reader.committing()).isTrue();
      database.execute("ALTER TABLE elsewhere RENAME TO agent_fleet_instances");
    }
  }

  @Test
  void signSoonAfterAHeartbeatIsNotedToo() throws Exception {
    try (WatchedTask judge = task(heartbeats())) {
      judge.polled(0);
      for (int i = 0; i < 6; i++) {
        judge.polled(10, one(i == 0 ? SENDER : LIVING, i, 5 * i));
      }
      try (WatchedTask reader = task(events(0))) {
        reader.polled(5, event(0, 0, 29));
        assertThat(reader.committing()).isTrue();
      }
      try (WatchedTask reader = task(events(0))) {
        reader.polledOfOthers(5, event(0, 1, 95));
        for (int i = 6; i < 24; i++) { // Up to second 115, 86 s after the event.
          judge.polled(5, one(LIVING, i, 5 * i));
        }
      }
      assertThat(texts(GONE)).isEmpty();
    }
  }
}

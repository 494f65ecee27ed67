package io.agentlog.connect;

import static io.agentlog.connect.WatchedTask.EVENTS;
import static io.agentlog.connect.WatchedTask.SENDER;
import static io.agentlog.connect.WatchedTask.alive;
import static io.agentlog.connect.WatchedTask.event;
import static io.agentlog.connect.WatchedTask.events;
import static io.agentlog.connect.WatchedTask.heartbeat;
import static io.agentlog.connect.WatchedTask.heartbeats;
import static io.agentlog.connect.WatchedTask.ofJvmsClock;
import static io.agentlog.connect.WatchedTask.renamed;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.heartbeat.Heartbeat.State;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a task notes, and when it judges and says what is amiss. Method: a real database; the
 * test is the worker, and time is a number.
 */
class JvmWatchIT extends JudgeFixture {
  private static final String IDLE =
      "SELECT partition FROM agent_fleet_progress WHERE idle_at IS NOT NULL";

  @Test
  void timeOfAnOutageIsNoPolling() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      for (int i = 0; i < 20; i++) {
        task.held(10);
        task.polled(0, alive(LIVING, i, 10 * i));
      }
      assertThat(texts(IDLE)).isEmpty();
      for (int i = 20; i < 32; i++) {
        task.polled(10, alive(LIVING, i, 10 * i));
      }
      assertThat(texts(IDLE)).containsExactly("0");
    }
  }

  @Test
  void pausedConnectorFindsNothingIdle() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      for (int i = 0; i < 3; i++) {
        task.polled(5, alive(LIVING, i, 10 * i), event(0, i, 10 * i));
      }
      for (int i = 3; i < 9; i++) { // Resumed again and again, too shortly to fetch events.
        for (int poll = 0; poll < 10; poll++) {
          task.polled(5);
        }
        task.polled(5, alive(LIVING, i, 20 + 60 * (i - 2)));
      }
      assertThat(texts(IDLE)).isEmpty();
    }
  }

  @Test
  void eventsAloneKeepAJvmAlive() throws Exception {
    try (WatchedTask judge = task(heartbeats(), events(0));
        WatchedTask reader = task(events(1))) {
      judge.polled(0);
      for (int i = 0; i < 30; i++) {
        reader.polled(5, event(1, i, 10 * i));
        hear(judge, i, i == 0 ? SENDER : LIVING);
      }
      assertThat(texts(GONE)).isEmpty();
      for (int i = 30; i < 50; i++) {
        reader.polled(5);
        hear(judge, i, LIVING);
      }
      assertThat(texts(GONE)).containsExactly(SENDER.toString());
    }
  }

  /** Nobody reads events again whose offsets are committed. */
  @Test
  void signsOfLifeAreNotedBeforeOffsetsAreCommitted() throws Exception {
    try (WatchedTask judge = task(heartbeats());
        WatchedTask reader = task(events(0))) {
      judge.polled(0);
      judge.polled(5, alive(SENDER, 0, 0));
      reader.polled(5);
      reader.polled(1, event(0, 0, 200));
      assertThat(renewed()).isEqualTo("0");

      reader.committing();

      assertThat(renewed()).isEqualTo("200");
    }
  }

  @Test
  void judgeThatWasReplacedJudgesNoSooner() throws Exception {
    try (WatchedTask first = task(heartbeats(), events(0), events(1));
        WatchedTask second = task(heartbeats(), events(0), events(1))) {
      first.polled(0);
      for (int i = 0; i < 11; i++) {
        first.polled(5, alive(i == 0 ? SILENT : LIVING, i, 10 * i));
      }
      first.polled(0, event(0, 0, 900), event(1, 0, 900));
      second.polled(5);
      assertThat(second.sought).containsExactly(11L);
      first.polled(30, alive(LIVING, 11, 110));
      second.polled(0, alive(LIVING, 11, 110), alive(LIVING, 12, 140), alive(LIVING, 13, 170));
      second.polled(0, alive(LIVING, 14, 200), alive(LIVING, 15, 230));
      second.polled(29);
      assertThat(texts(GONE)).isEmpty();
      second.polled(5);
      assertThat(texts(GONE)).containsExactly(SILENT.toString());
    }
  }

  @Test
  void judgesOfTwoClustersWithOneNameAreToldAndEndNothing() throws Exception {
    try (WatchedTask one = task(heartbeats(), events(0));
        WatchedTask other = task(heartbeats(), events(1))) {
      UUID ofOther = new UUID(2, 2);
      for (int i = 0; i < 40; i++) {
        one.polled(5, alive(LIVING, i, 10 * i), event(0, i, 10 * i));
        other.polled(5, alive(ofOther, i, 10 * i), event(1, i, 10 * i));
      }
      assertThat(texts(GONE)).isEmpty();
      assertThat(log.lines())
          .filteredOn(line -> line.contains("instances.fleet"))
          .hasSize(2) // Each task tells it once.
          .allMatch(line -> line.contains("WARN") && line.contains("judge of fleet router"));
    }
  }

  /** A task that has just started has heard of no JVM that writes there. */
  @Test
  void partitionThatIsKnownFromBeforeHoldsUpANewJudge() throws Exception {
    try (WatchedTask before = task(heartbeats())) {
      before.polled(5);
      before.polled(5, heartbeat(LIVING, 0, 0, State.ALIVE, "more", 1), alive(SILENT, 1, 0));
    }
    try (WatchedTask task = task(heartbeats(), events(0), events(1))) {
      task.polled(0);
      for (int i = 2; i < 30; i++) {
        task.polled(5, alive(LIVING, i, 10 * i), event(0, i, 10 * i), event(1, i, 10 * i));
      }
      assertThat(texts(GONE)).isEmpty();
      database.execute("DELETE FROM agent_fleet_progress WHERE topic = 'more'");
      task.polled(5, alive(LIVING, 30, 300));
      assertThat(texts(GONE)).containsExactly(SILENT.toString());
    }
  }

  @Test
  void gateThatStaysShutIsToldWithThePartitionAndWhatToDo() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(5, alive(SILENT, 0, 0));
      for (int i = 1; i < 60; i++) {
        task.polled(10, alive(LIVING, i, 10 * i), event(0, i, 10 * i));
      }
      assertThat(texts(GONE)).isEmpty();
      assertThat(log.lines())
          .filteredOn(line -> line.contains("can't be judged"))
          .singleElement()
          .asString()
          .contains("WARN", "1 JVMs of fleet router", "partition 1 of " + EVENTS, "never read")
          .contains("LogAppendTime");
    }
  }

  @Test
  void topicThatWasMadeAnewWithFewerPartitionsIsToldWithTheStatement() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(5, alive(SILENT, 0, 0));
      for (int i = 1; i < 60; i++) {
        task.polled(10, heartbeat(LIVING, i, 10 * i, State.ALIVE, EVENTS, 1), event(0, i, 10 * i));
      }
      String line =
          log.lines().stream().filter(l -> l.contains("can't be judged")).findFirst().orElseThrow();
      assertThat(line)
          .contains("the topic has 1 partitions")
          .endsWith(
              "DELETE FROM agent_fleet_progress WHERE fleet = 'router' AND topic = '%s' AND partition >= 1"
                  .formatted(EVENTS));
      database.execute(line.substring(line.indexOf("run DELETE") + 4));
      task.polled(10, heartbeat(LIVING, 60, 600, State.ALIVE, EVENTS, 1));
      assertThat(texts(GONE)).containsExactly(SILENT.toString());
    }
  }

  @Test
  void topicWithTheTimesOfJvmsIsToldOnce() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0), events(1))) {
      task.polled(1, ofJvmsClock(0, 0), ofJvmsClock(1, 0));
      task.polled(1, ofJvmsClock(0, 1));
      assertThat(log.lines())
          .filteredOn(line -> line.contains("LogAppendTime"))
          .singleElement()
          .asString()
          .contains("WARN", EVENTS + " has the times of JVMs");
    }
  }

  @Test
  void heartbeatWithTooManyPartitionsMakesNoRowsAndIsHeard() throws Exception {
    try (WatchedTask task = task(heartbeats())) {
      task.polled(0);
      task.polled(
          5,
          heartbeat(LIVING, 0, 0, State.ALIVE, EVENTS, HeartbeatJudge.PARTITIONS_MAX + 1),
          heartbeat(SENDER, 1, 0, State.ALIVE, "more", HeartbeatJudge.PARTITIONS_MAX));

      assertThat(texts("SELECT count(*) FROM agent_fleet_progress WHERE topic = 'more'"))
          .containsExactly("10000");
      assertThat(texts("SELECT 1 FROM agent_fleet_progress WHERE topic = '" + EVENTS + "'"))
          .isEmpty();
      assertThat(texts("SELECT 1 FROM agent_instances WHERE instance_id = '" + LIVING + "'"))
          .hasSize(1);
      assertThat(log.lines()).anyMatch(line -> line.contains("10001 partitions, more than"));
    }
  }

  @Test
  void recordsOfRenamedTopicsCountWhereTheyAreOnKafka() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      task.polled(5, renamed(alive(LIVING, 4, 10)), renamed(event(0, 9, 7)));
      assertThat(
              texts(
                  "SELECT topic || ' ' || partition || ' ' || COALESCE(position, -1) FROM agent_fleet_progress WHERE record_time IS NOT NULL ORDER BY 1"))
          .containsExactly(EVENTS + " 0 -1", "agent-instances 0 5");
    }
  }

  @Test
  void unexpectedErrorEndsNoTaskAndQuotesNothing() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(5);
      task.failure = new IllegalStateException("a prompt");
      task.polled(5, alive(LIVING, 0, 0));
      task.failure = null;
      task.polled(5);
      task.polled(5, alive(LIVING, 0, 0));

      assertThat(texts("SELECT 1 FROM agent_instances WHERE instance_id = '" + LIVING + "'"))
          .hasSize(1);
      assertThat(log.lines())
          .anyMatch(line -> line.contains("nobody is judged for now: unexpected IllegalState"))
          .noneMatch(line -> line.contains("a prompt"));
    }
  }

  @Test
  void offsetsOfATopicOfHeartbeatsThatIsGoneAreForgotten() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      for (int i = 0; i < 10; i++) {
        task.polled(5, alive(LIVING, 900 + i, 10 * i));
      }
      task.polled(5, heartbeat(SENDER, 910, 100, State.ENDED, EVENTS, 1));
      assertThat(texts("SELECT 1 FROM agent_fleet_progress WHERE idle_position > 900")).hasSize(1);
      assertThat(texts("SELECT 1 FROM agent_fleet_instances WHERE end_position = 910")).hasSize(1);

      task.polled(5, alive(LIVING, 0, 110));

      assertThat(texts("SELECT 1 FROM agent_fleet_progress WHERE idle_position > 0")).isEmpty();
      assertThat(texts("SELECT 1 FROM agent_fleet_instances WHERE end_position > 0")).isEmpty();
    }
  }

  /** Each of them is judged within a minute of its silence, so nobody waits for five. */
  @Test
  void jvmsThatDieOneAfterTheOtherAreNoShutGate() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0), events(1))) {
      task.polled(0);
      for (int i = 0; i < 300; i++) { // Partition 1 counts as read 36 s later.
        UUID dying = new UUID(7, i);
        int second = 4 * i;
        task.polled(
            4,
            alive(LIVING, 2L * i, second),
            alive(dying, 2L * i + 1, second),
            event(0, i, second));
      }
      assertThat(texts(GONE)).hasSizeGreaterThan(270);
      assertThat(log.lines()).noneMatch(line -> line.contains("can't be judged"));
    }
  }

  private String renewed() {
    return texts(
            "SELECT (extract(epoch FROM renewed_at) - %s)::integer FROM agent_instances WHERE instance_id = '%s'"
                .formatted(WatchedTask.START_MILLIS / 1_000, SENDER))
        .get(0);
  }

  /** Two heartbeats, one of them of the JVM that sends events if it is to be heard. */
  private static void hear(WatchedTask judge, int i, UUID instance) {
    judge.polled(5, alive(instance, 2L * i, 10 * i), alive(LIVING, 2L * i + 1, 10 * i));
  }
}

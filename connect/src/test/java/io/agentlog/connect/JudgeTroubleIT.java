package io.agentlog.connect;

import static io.agentlog.connect.WatchedTask.EVENTS;
import static io.agentlog.connect.WatchedTask.HEARTBEATS;
import static io.agentlog.connect.WatchedTask.SENDER;
import static io.agentlog.connect.WatchedTask.alive;
import static io.agentlog.connect.WatchedTask.event;
import static io.agentlog.connect.WatchedTask.events;
import static io.agentlog.connect.WatchedTask.heartbeat;
import static io.agentlog.connect.WatchedTask.heartbeatOn;
import static io.agentlog.connect.WatchedTask.heartbeats;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.heartbeat.Heartbeat.State;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is wrong around a judge neither stops it for good nor makes it end a JVM that lives.
 * Method: a real database; the test is the worker, and time is a number.
 */
class JudgeTroubleIT extends JudgeFixture {
  private static final String OTHER_HEARTBEATS = "agent-instances-2";

  @Test
  void judgesOfTwoTopicsOfHeartbeatsWithOneNameAreTold() throws Exception {
    UUID ofOther = new UUID(2, 2);
    try (WatchedTask one = task(heartbeats(), events(0));
        WatchedTask other = otherTask(events(1))) {
      for (int i = 0; i < 40; i++) {
        one.polled(5, on(HEARTBEATS, LIVING, 900 + i, 10 * i), event(0, i, 10 * i));
        other.polled(5, on(OTHER_HEARTBEATS, ofOther, i, 10 * i), event(1, i, 10 * i));
      }
      assertThat(texts(GONE)).isEmpty();
      assertThat(log.lines())
          .filteredOn(line -> line.contains("has become the judge of fleet router"))
          .hasSize(2)
          .anyMatch(line -> line.contains("heartbeats of " + HEARTBEATS + ":"))
          .anyMatch(line -> line.contains("heartbeats of " + OTHER_HEARTBEATS + ":"));
    }
  }

  @Test
  void offsetsOfAFormerTopicOfHeartbeatsOpenNoGate() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      for (int i = 0; i < 12; i++) {
        task.polled(10, on(HEARTBEATS, LIVING, 5_000 + i, 10 * i));
      }
      assertThat(texts("SELECT 1 FROM agent_fleet_progress WHERE idle_position > 5000")).hasSize(1);
    }
    try (WatchedTask judge = otherTask();
        WatchedTask behind = task(events(0))) {
      for (int i = 0; i < 12; i++) {
        behind.polled(0, event(0, i, 100));
        State state = i == 5 ? State.ENDED : State.ALIVE;
        UUID instance = i == 5 ? SILENT : LIVING;
        judge.polled(10, heartbeatOn(OTHER_HEARTBEATS, instance, "router", i, 200 + 10 * i, state));
      }
      assertThat(texts("SELECT end_position FROM agent_fleet_instances WHERE end_position >= 0"))
          .containsExactly("5");
      assertThat(texts(GONE)).isEmpty();
    }
  }

  @Test
  void heartbeatThatTheDatabaseRefusesHoldsUpNoOther() throws Exception {
    UUID refused = new UUID(9, 9);
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      database.execute("ALTER TABLE agent_instances ADD CHECK (length(service) < 20)");
      for (int i = 0; i < 40; i++) {
        String service = "a-service-with-a-long-name";
        task.polled(
            10,
            on(HEARTBEATS, i == 0 ? SILENT : LIVING, 3L * i, 10 * i),
            heartbeatOn(HEARTBEATS, refused, service, 3L * i + 1, 10 * i, State.ALIVE),
            on(HEARTBEATS, LIVING, 3L * i + 2, 10 * i),
            event(0, i, 10 * i));
      }
      assertThat(texts(GONE)).containsExactly(SILENT.toString());
      assertThat(task.sought).isEmpty();
      assertThat(log.lines())
          .filteredOn(line -> line.contains("refuses the heartbeat"))
          .singleElement()
          .asString()
          .contains("WARN", refused.toString(), "23514")
          .doesNotContain("a-service");
    }
  }

  /** Also one that was noted before: nothing can be written to its lease any more. */
  @Test
  void heartbeatThatATriggerRefusesHoldsUpNoOther() throws Exception {
    UUID refused = new UUID(9, 9);
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      task.polled(10, heartbeatOn(HEARTBEATS, refused, "unwanted", 0, 0, State.ALIVE));
      database.execute(
          "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.service = 'unwanted' AND NEW.lease_until = 'infinity' THEN RAISE EXCEPTION 'secret'; END IF; RETURN NEW; END$$");
      database.execute(
          "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON agent_instances FOR EACH ROW EXECUTE FUNCTION refuse()");
      for (int i = 1; i < 40; i++) {
        task.polled(
            10,
            heartbeatOn(HEARTBEATS, refused, "unwanted", 2L * i - 1, 10 * i, State.ALIVE),
            on(HEARTBEATS, i == 1 ? SILENT : LIVING, 2L * i, 10 * i),
            event(0, i, 10 * i));
      }
      assertThat(
              texts(
                  "SELECT instance_id FROM agent_instances WHERE lease_until < 'infinity' AND service IN ('router', 'unwanted')"))
          .containsExactly(SILENT.toString());
      assertThat(log.lines())
          .filteredOn(line -> line.contains("refuses the heartbeat"))
          .singleElement()
          .asString()
          .contains(refused.toString(), "P0001")
          .doesNotContain("secret");
    }
  }

  /** It is noted as it was; only what is new is refused. */
  @Test
  void jvmWhoseHeartbeatsAreRefusedOnlyNowIsNotGone() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      task.polled(10, on(HEARTBEATS, SILENT, 0, 0));
      database.execute("ALTER TABLE agent_instances ADD CHECK (service <> 'renamed')");
      for (int i = 1; i < 30; i++) {
        task.polled(
            10,
            on(HEARTBEATS, LIVING, 2L * i - 1, 10 * i),
            heartbeatOn(HEARTBEATS, SILENT, "renamed", 2L * i, 10 * i, State.ALIVE),
            event(0, i, 10 * i));
      }
      assertThat(texts(GONE)).isEmpty();
    }
  }

  @Test
  void nameOfAServiceThatTheDatabaseCanNotWriteHoldsUpNoOther() throws Exception {
    String name = "latin_" + Long.toUnsignedString(UUID.randomUUID().getLeastSignificantBits());
    database.execute(
        "CREATE DATABASE %s ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
            .formatted(name));
    String url = database.jdbcUrl().replace(database.database(), name);
    try (WatchedTask task =
        new WatchedTask(database, url, "router", HEARTBEATS, nanos, heartbeats(), events(0))) {
      task.polled(0);
      UUID cyrillic = new UUID(4, 4);
      task.polled(
          10,
          on(HEARTBEATS, LIVING, 0, 0),
          heartbeatOn(HEARTBEATS, cyrillic, "\u0441\u0435\u0440", 1, 1, State.ALIVE));
      task.polled(10, on(HEARTBEATS, LIVING, 2, 10));

      assertThat(task.sought).isEmpty();
      assertThat(log.lines()).anyMatch(line -> line.contains("heartbeat of JVM " + cyrillic));
    } finally {
      database.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
  }

  /** The host of the judge has lost power; its session is there until the server sees that. */
  @Test
  void rowThatADeadJudgeHasLockedHoldsUpEventsShortlyAndSeldom() throws Exception {
    try (WatchedTask judge = task(heartbeats());
        WatchedTask reader = task(events(0))) {
      judge.polled(0);
      judge.polled(10, on(HEARTBEATS, LIVING, 0, 0));
      reader.polled(10, event(0, 0, 0));
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.executeUpdate(
              "UPDATE agent_fleet_progress SET position = 2 WHERE topic = '%s'"
                  .formatted(HEARTBEATS));
          for (int i = 1; i < 20; i++) {
            reader.polled(5, event(0, i, 10 * i));
          }
        }
        connection.rollback();
      }
      assertThat(log.lines())
          .filteredOn(line -> line.contains("nobody is judged for now"))
          .isNotEmpty()
          .allMatch(line -> line.contains("lock"))
          .noneMatch(line -> line.contains("statement_timeout"));
      AtomicInteger second = new AtomicInteger(1_000);
      Until.holds(
          "progress after the lock is gone",
          Duration.ofSeconds(60),
          () -> {
            reader.polled(5, event(0, 1_000, second.incrementAndGet()));
            return !texts(
                    "SELECT 1 FROM agent_fleet_progress WHERE topic = '%s' AND record_time > timestamptz 'epoch' + %s * interval '1 second'"
                        .formatted(EVENTS, WatchedTask.START_MILLIS / 1_000 + 999))
                .isEmpty();
          },
          () -> String.join("\n", log.lines()));
    }
  }

  @Test
  void partitionThatIsOnlyBehindIsNotToBeRemoved() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0));
        WatchedTask behind = task(events(1))) {
      task.polled(0);
      for (int i = 0; i < 60; i++) {
        task.polled(10, alive(i == 0 ? SILENT : LIVING, i, 10 * i), event(0, i, 10 * i));
        if (i == 1) {
          behind.polled(0); // Its first event takes an hour.
        } else {
          behind.held(0);
        }
      }
      assertThat(log.lines())
          .filteredOn(line -> line.contains("can't be judged"))
          .singleElement()
          .asString()
          .contains("partition 1 of " + EVENTS, "never read")
          .doesNotContain("DELETE");
    }
  }

  /** One JVM has not heard of the new partition yet. */
  @Test
  void partitionThatOneJvmDoesNotKnowYetIsNotToBeRemoved() throws Exception {
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(5, alive(SILENT, 0, 0));
      for (int i = 1; i < 60; i++) {
        task.polled(
            10,
            alive(LIVING, 2L * i - 1, 10 * i),
            heartbeat(SENDER, 2L * i, 10 * i, State.ALIVE, EVENTS, 1),
            event(0, i, 10 * i));
      }
      assertThat(log.lines())
          .filteredOn(line -> line.contains("can't be judged"))
          .singleElement()
          .asString()
          .doesNotContain("DELETE");
    }
  }

  @Test
  void partitionThatWasRemovedByMistakeCountsAgain() throws Exception {
    String rows = "SELECT partition FROM agent_fleet_progress WHERE topic = '" + EVENTS + "'";
    try (WatchedTask judge = task(heartbeats());
        WatchedTask reader = task(events(0))) {
      judge.polled(0);
      for (int i = 0; i < 40; i++) {
        judge.polled(5, alive(LIVING, i, 10 * i));
        reader.polled(5);
        if (i == 20) {
          assertThat(texts(rows)).containsExactlyInAnyOrder("0", "1");
          database.execute("DELETE FROM agent_fleet_progress WHERE topic = '" + EVENTS + "'");
        }
      }
      assertThat(texts(rows)).containsExactlyInAnyOrder("0", "1");
    }
  }

  @Test
  void leaseWithoutEndThatNobodyJudgesIsTold() throws Exception {
    try (WatchedTask removed = new WatchedTask(database, "removed", nanos, heartbeats())) {
      removed.polled(0);
      removed.polled(5, on(HEARTBEATS, SENDER, 0, 0));
    }
    try (WatchedTask task = task(heartbeats(), events(0))) {
      task.polled(0);
      database.execute(
          "INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until) SELECT '%s', 'old', t, t, 'infinity' FROM (SELECT timestamptz 'epoch' + %s * interval '1 second') AS x(t)"
              .formatted(SILENT, WatchedTask.START_MILLIS / 1_000));
      for (int i = 0; i < 420; i++) {
        task.polled(10, on(HEARTBEATS, LIVING, i, 10 * i), event(0, i, 10 * i));
      }
      assertThat(log.lines())
          .filteredOn(line -> line.contains("leases without end"))
          .isNotEmpty()
          .allMatch(line -> line.contains("WARN") && line.contains("2 JVMs"));
    }
  }

  /** A task of a connector whose topic of heartbeats is another. */
  private WatchedTask otherTask(TopicPartition... more) throws Exception {
    List<TopicPartition> partitions = new ArrayList<>(List.of(more));
    partitions.add(new TopicPartition(OTHER_HEARTBEATS, 0));
    return new WatchedTask(
        database,
        database.jdbcUrl(),
        "router",
        OTHER_HEARTBEATS,
        nanos,
        partitions.toArray(TopicPartition[]::new));
  }

  private static SinkRecord on(String topic, UUID instance, long offset, int second) {
    return heartbeatOn(topic, instance, "router", offset, second, State.ALIVE);
  }
}

package io.agentlog.connect;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.heartbeat.Heartbeat.State;
import io.agentlog.log.CapturedLog;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A real database for tasks whose worker is the test, and a clock that is a number. */
@Timeout(120)
abstract class JudgeFixture {
  static final UUID LIVING = new UUID(1, 1);

  /** Sends neither heartbeats nor events after its first. */
  static final UUID SILENT = new UUID(3, 3);

  static final String GONE =
      "SELECT instance_id FROM agent_instances WHERE lease_until < 'infinity' AND service = 'router'";

  final Postgres database = Backends.postgres().newDatabase();
  final AtomicLong nanos = new AtomicLong();
  final CapturedLog log = new CapturedLog();

  @AfterEach
  final void close() {
    log.close();
    database.close();
  }

  final WatchedTask task(TopicPartition... partitions) throws Exception {
    return new WatchedTask(database, "router", nanos, partitions);
  }

  /** A heartbeat of a JVM that writes to one partition. */
  static SinkRecord one(UUID id, long offset, int second) {
    return WatchedTask.heartbeat(id, offset, second, State.ALIVE, WatchedTask.EVENTS, 1);
  }

  final List<String> texts(String query) {
    return TableContents.texts(database, query);
  }
}

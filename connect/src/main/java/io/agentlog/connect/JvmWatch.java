package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.json.BrokenLineException;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.FleetTables;
import io.agentlog.postgres.HeardInstance;
import io.agentlog.postgres.ReadHeartbeats;
import io.agentlog.postgres.TopicProgress;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/**
 * Notes how far this task has read its partitions; the task that has the first partition of the
 * heartbeats is the judge, and ends the leases of JVMs that are gone, as {@link Gate} says.
 *
 * <p>What fails here holds up no event: heartbeats that were not noted are read again, and until
 * then nobody is judged. Belongs to the task's thread.
 */
final class JvmWatch {
  /** Partition of the heartbeats; those of others are nobody's. */
  private static final int PARTITION = 0;

  /** Time between two looks at what is due. */
  private static final long DUE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long LINE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final FleetTables tables;
  private final SinkTaskContext context;
  private final TopicPartition heartbeats;
  private final ConnectorTopics topics;
  private final Gate gate;
  private final LongSupplier nanoTime;
  private final UUID judge = UUID.randomUUID();
  private final IdleWatch<TopicPartition> idleWatch = new IdleWatch<>();
  private final Map<TopicPartition, PartitionProgress> pending = new HashMap<>();

  /** Topics of events that JVMs write to, and their partitions. */
  private final Map<String, Integer> partitionCounts = new HashMap<>();

  /** Heartbeats that this task has read as the judge; null while it is not. */
  private @Nullable HeartbeatRun run;

  private @Nullable IdleMark known;
  private long putEndNanos;
  private long dueNanos;
  private long lineNanos;

  /**
   * Does no I/O.
   *
   * @param topics those of the connector
   */
  JvmWatch(
      FleetTables tables,
      SinkTaskContext context,
      ConnectorTopics topics,
      Gate gate,
      LongSupplier nanoTime) {
    this.tables = tables;
    this.context = context;
    this.heartbeats = new TopicPartition(topics.heartbeats(), PARTITION);
    this.topics = topics;
    this.gate = gate;
    this.nanoTime = nanoTime;
    this.putEndNanos = nanoTime.getAsLong();
    this.dueNanos = putEndNanos;
    this.lineNanos = putEndNanos;
  }

  /** True for a record of the topic of heartbeats. */
  boolean isHeartbeat(SinkRecord record) {
    return record.topic().equals(heartbeats.topic());
  }

  /** Begins anew, because the task has other partitions now. */
  void assigned() {
    run = null;
    known = null;
    pending.clear();
    dueNanos = nanoTime.getAsLong();
  }

  /** Notes a call that loaded nothing: its time is none in which the partitions were polled. */
  void held() {
    putEndNanos = nanoTime.getAsLong();
  }

  /**
   * Takes the records of a poll once their events are in the tables.
   *
   * @param startNanos when the poll had ended
   */
  void loaded(Collection<SinkRecord> records, long startNanos) {
    Set<TopicPartition> assigned = new HashSet<>(context.assignment());
    boolean isJudge = assigned.contains(heartbeats);
    assigned.removeIf(partition -> partition.topic().equals(heartbeats.topic()));
    idleWatch.assign(assigned);
    Set<TopicPartition> withRecords = note(records);
    try {
      if (isJudge) {
        hear(records);
      }
      idleWatch
          .polled(records.size(), withRecords, known, Math.max(0, startNanos - putEndNanos))
          .forEach(
              (partition, mark) -> pending.compute(partition, (key, old) -> of(old).idle(mark)));
      if (nanoTime.getAsLong() - dueNanos >= 0) {
        dueNanos = nanoTime.getAsLong() + DUE_NANOS;
        advance(assigned);
        if (isJudge) {
          judge();
        } else {
          known = mark(tables.readHeartbeats(heartbeats.topic()));
        }
      }
    } catch (SinkUnavailableException e) {
      run = null; // What was not noted is read again.
      warn(
          "nobody is judged for now: "
              + SettingNames.inPlaceOfAgents(String.valueOf(e.getMessage())));
    }
    putEndNanos = nanoTime.getAsLong();
  }

  private Set<TopicPartition> note(Collection<SinkRecord> records) {
    Set<TopicPartition> withRecords = new HashSet<>();
    for (SinkRecord record : records) {
      if (isHeartbeat(record)) {
        continue;
      }
      TopicPartition partition = new TopicPartition(record.topic(), record.kafkaPartition());
      withRecords.add(partition);
      Long millis = brokersTime(record);
      if (millis != null) {
        pending.compute(partition, (key, old) -> of(old).read(millis));
      }
    }
    return withRecords;
  }

  /** Notes the heartbeats, after going where the last judge was. */
  private void hear(Collection<SinkRecord> records) throws SinkUnavailableException {
    HeartbeatRun before = run;
    if (before == null) {
      ReadHeartbeats last = tables.takeOver(heartbeats.topic(), judge);
      run = last == null ? HeartbeatRun.NONE : of(last);
      known = mark(last);
      if (last != null) {
        context.offset(heartbeats, last.nextOffset());
        return;
      }
      before = HeartbeatRun.NONE;
    }
    HeartbeatRun after = before;
    List<HeardInstance> heard = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (SinkRecord record : records) {
      if (!isHeartbeat(record) || record.kafkaPartition() != PARTITION) {
        continue;
      }
      Long millis = brokersTime(record);
      if (millis == null) {
        warn(
            "nobody is judged, because topic %s has the times of JVMs: set message.timestamp.type=LogAppendTime on it"
                .formatted(heartbeats.topic()));
        return;
      }
      after = after.read(record.kafkaOffset(), millis);
      Heartbeat heartbeat = decode(record);
      if (heartbeat != null) {
        boolean isEnd = heartbeat.state() == Heartbeat.State.ENDED;
        heard.add(
            new HeardInstance(
                heartbeat.instanceId(),
                heartbeat.service(),
                millis,
                isEnd ? record.kafkaOffset() : -1));
        count(heartbeat, counts);
      }
    }
    if (after.equals(before)) {
      return;
    }
    ReadHeartbeats read =
        new ReadHeartbeats(after.nextOffset(), after.sinceMillis(), after.lastMillis());
    if (tables.heard(heartbeats.topic(), judge, read, heard, counts)) {
      partitionCounts.putAll(counts);
      run = after;
      known = mark(read);
    } else {
      run = null; // Another task was the judge meanwhile; this one takes over again.
    }
  }

  /** Partitions that nobody has read yet count too, once a JVM knows of them. */
  private void count(Heartbeat heartbeat, Map<String, Integer> counts) {
    String topic = heartbeat.topic();
    if (topic != null
        && topics.hasEvents(topic)
        && heartbeat.partitionCount() > partitionCounts.getOrDefault(topic, 0)) {
      counts.merge(topic, heartbeat.partitionCount(), Math::max);
    }
  }

  private void advance(Set<TopicPartition> assigned) throws SinkUnavailableException {
    assigned.forEach(partition -> pending.putIfAbsent(partition, PartitionProgress.UNREAD));
    List<TopicProgress> progress = new ArrayList<>();
    pending.forEach(
        (partition, at) ->
            progress.add(
                new TopicProgress(
                    partition.topic(),
                    partition.partition(),
                    known(at.recordMillis()),
                    known(at.idleMillis()),
                    known(at.idleOffset()))));
    tables.advance(progress);
    pending.clear();
  }

  private void judge() throws SinkUnavailableException {
    int gone =
        tables.judge(
            heartbeats.topic(),
            judge,
            partitionCounts.isEmpty() ? topics.named() : partitionCounts.keySet(),
            gate.silenceMillis(),
            gate.tailMillis());
    if (gone > 0) {
      AgentLog.info(
          "connect",
          "%s JVMs are gone; what they ran is marked as failed within a minute".formatted(gone));
    }
  }

  private static @Nullable Heartbeat decode(SinkRecord record) {
    try {
      Object value = record.value();
      byte[] bytes =
          value instanceof byte[] raw
              ? raw
              : value instanceof String text ? text.getBytes(UTF_8) : new byte[0];
      return bytes.length == 0 ? null : Heartbeat.read(bytes);
    } catch (BrokenLineException e) {
      AgentLog.debug(
          "connect", RecordDecoder.place(record) + " is no heartbeat: " + e.getMessage());
      return null;
    }
  }

  private static @Nullable Long brokersTime(SinkRecord record) {
    return record.timestampType() == TimestampType.LOG_APPEND_TIME ? record.timestamp() : null;
  }

  private static PartitionProgress of(@Nullable PartitionProgress progress) {
    return progress == null ? PartitionProgress.UNREAD : progress;
  }

  private static HeartbeatRun of(ReadHeartbeats read) {
    return new HeartbeatRun(read.nextOffset(), read.sinceMillis(), read.lastMillis());
  }

  private static @Nullable IdleMark mark(@Nullable ReadHeartbeats read) {
    return read == null ? null : new IdleMark(read.lastMillis(), read.nextOffset());
  }

  private static @Nullable Long known(long value) {
    return value == PartitionProgress.NEVER ? null : value;
  }

  private void warn(String line) {
    long now = nanoTime.getAsLong();
    if (now - lineNanos >= 0) {
      lineNanos = now + LINE_NANOS;
      AgentLog.warn("connect", line);
    }
  }
}

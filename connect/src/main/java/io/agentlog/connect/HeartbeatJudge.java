package io.agentlog.connect;

import io.agentlog.connect.RareLines.Kind;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import io.agentlog.postgres.FleetTables;
import io.agentlog.postgres.HeardInstance;
import io.agentlog.postgres.HeartbeatPosition;
import io.agentlog.postgres.ReadHeartbeats;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/**
 * The judge of a fleet: the task that has the first partition of the heartbeats. It reads them from
 * where the last judge was, notes who was heard, and ends the leases of JVMs that are gone, as
 * {@link Gate} says.
 *
 * <p>Belongs to the task's thread.
 */
final class HeartbeatJudge {
  /** Partition of the heartbeats; those of others are nobody's. */
  private static final int PARTITION = 0;

  /** Partitions of a topic beyond which a heartbeat is not believed, since each makes a row. */
  static final int PARTITIONS_MAX = 10_000;

  /** Silence after which a lease without end that is not this fleet's is told. */
  static final long ORPHAN_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final FleetTables tables;
  private final SinkTaskContext context;
  private final TopicPartition heartbeats;
  private final ConnectorTopics topics;
  private final Gate gate;
  private final LongSupplier nanoTime;
  private final RareLines lines;
  private final MinuteSummary goneLine;
  private final ShutGateLine shutGate;
  private final JudgeSeat seat = new JudgeSeat();
  private final UUID id = UUID.randomUUID();

  /** Partitions that are noted, by topic. */
  private final Map<String, Integer> partitionCounts = new HashMap<>();

  /** Heartbeats that this task has read as the judge; null while it is not. */
  private @Nullable HeartbeatRun run;

  /** The record that follows those that were read; negative if none was. */
  private long nextOffset;

  /**
   * Offset of the first heartbeat that was read and not noted; negative if there is none. Its
   * offset is not committed, and a judge without a position goes back to it.
   */
  private long unnoted = -1;

  /** Whether the partition of heartbeats is the task's, as far as it knows. */
  private boolean isAssigned;

  private boolean isHeld;
  private @Nullable IdleMark known;
  private long orphansNanos;

  /** Does no I/O. */
  HeartbeatJudge(
      FleetTables tables,
      SinkTaskContext context,
      ConnectorTopics topics,
      Gate gate,
      LongSupplier nanoTime,
      RareLines lines) {
    this.tables = tables;
    this.context = context;
    this.heartbeats = new TopicPartition(topics.heartbeats(), PARTITION);
    this.topics = topics;
    this.gate = gate;
    this.nanoTime = nanoTime;
    this.lines = lines;
    this.goneLine =
        new MinuteSummary(
            nanoTime,
            (count, last) ->
                AgentLog.info(
                    "connect",
                    "%s JVMs have ended or are gone; what they left in progress is marked as failed within a minute"
                        .formatted(count)));
    this.orphansNanos = nanoTime.getAsLong();
    this.shutGate = new ShutGateLine(topics.fleet(), lines, orphansNanos);
  }

  /** Begins anew, because the task has other partitions now. */
  void assigned() {
    forget();
    seat.assigned();
    known = null;
    unnoted = -1;
    isAssigned = false;
  }

  private void forget() {
    run = null;
    shutGate.forget();
  }

  /**
   * Begins anew, because something was not noted. Until the next call of {@link #hear} heartbeats
   * stay on Kafka: each attempt would read all again that came since the first.
   */
  void hold() {
    forget();
    if (isAssigned && !isHeld) {
      try {
        context.pause(heartbeats);
        isHeld = true;
      } catch (RuntimeException e) { // The partition is gone, and no heartbeats come.
        AgentLog.debug("connect", "heartbeats are not held: " + e.getClass().getSimpleName());
      }
    }
  }

  /** Returns whether this task is the one to judge. */
  boolean isMine(Collection<TopicPartition> assigned) {
    isAssigned = assigned.contains(heartbeats);
    return isAssigned;
  }

  /** Returns the offsets that may be committed: none of heartbeats that are to be read again. */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> offsets) {
    if (unnoted < 0) {
      return offsets;
    }
    Map<TopicPartition, OffsetAndMetadata> others = new HashMap<>(offsets);
    others.remove(heartbeats);
    return others;
  }

  /** Returns the last heartbeat that is known; null if there is none. */
  @Nullable IdleMark known() {
    return known;
  }

  /** Looks up how far the heartbeats have been read by another task. */
  void lookUp() throws SinkUnavailableException {
    known = mark(tables.position());
  }

  /** Takes heartbeats that are not noted now. */
  void miss(Collection<SinkRecord> records) {
    if (unnoted < 0) {
      unnoted = firstOffset(records);
    }
  }

  /** Notes the heartbeats, after going where the last judge was. */
  void hear(Collection<SinkRecord> records) throws SinkUnavailableException {
    if (isHeld) {
      isHeld = false;
      context.resume(heartbeats);
    }
    miss(records);
    HeartbeatRun before = run;
    if (before == null) {
      HeartbeatPosition last = tables.takeOver(id);
      seat.taken(nanoTime.getAsLong());
      before = HeartbeatRun.NONE;
      run = before;
      nextOffset = last == null ? -1 : last.nextOffset();
      known = mark(last);
      if (last != null) {
        unnoted = -1; // They are read again, whatever is committed.
        context.offset(heartbeats, last.nextOffset());
        return;
      }
      if (unnoted != firstOffset(records)) {
        context.offset(heartbeats, unnoted);
        return;
      }
    }
    Heard heard = new Heard(before, nextOffset);
    for (SinkRecord record : records) {
      if (KafkaPlace.of(record).equals(heartbeats) && !heard.add(record)) {
        lines.warn(
            Kind.TIMES_OF_JVMS,
            "nobody is judged, because topic %s has the times of JVMs: set message.timestamp.type=LogAppendTime on it"
                .formatted(heartbeats.topic()));
        unnoted = -1; // They would be the same again.
        return;
      }
    }
    if (heard.run.equals(before)) {
      return;
    }
    note(heard);
  }

  private long firstOffset(Collection<SinkRecord> records) {
    for (SinkRecord record : records) {
      if (KafkaPlace.of(record).equals(heartbeats)) {
        return KafkaPlace.offset(record);
      }
    }
    return -1;
  }

  private void note(Heard heard) throws SinkUnavailableException {
    HeartbeatRun after = heard.run;
    ReadHeartbeats read =
        new ReadHeartbeats(after.nextOffset(), after.sinceMillis(), after.lastMillis());
    if (tables.heard(id, read, heard.instances, heard.partitionCounts, heard.isTopicNew)) {
      sayRefused(tables.refused());
      partitionCounts.putAll(heard.partitionCounts);
      run = after;
      unnoted = -1;
      nextOffset = after.nextOffset();
      known = new IdleMark(after.lastMillis(), after.nextOffset());
      return;
    }
    forget(); // Another task was the judge meanwhile; this one takes over again.
    if (seat.lost(nanoTime.getAsLong())) {
      lines.warn(
          Kind.TWO_JUDGES,
          "another task has become the judge of fleet %s twice within ten minutes, while this one kept the heartbeats of %s: two connectors with heartbeats have one name of a fleet on one database. Nobody is judged while they alternate. Set %s of one of them to another name"
              .formatted(topics.fleet(), heartbeats.topic(), ConnectorConfig.INSTANCES_FLEET));
    }
  }

  private void sayRefused(Map<UUID, String> refused) {
    if (!refused.isEmpty()) {
      Map.Entry<UUID, String> first = refused.entrySet().iterator().next();
      lines.warn(
          Kind.REFUSED_HEARTBEATS,
          "the database refuses the heartbeat of JVM %s%s (%s). If it was not noted before, what it runs stays in progress when it dies; the others are judged as before"
              .formatted(
                  first.getKey(),
                  refused.size() > 1 ? " and of %s others".formatted(refused.size() - 1) : "",
                  first.getValue()));
    }
  }

  /** Ends leases, unless this task has been the judge for a short time only. */
  void judge() throws SinkUnavailableException {
    long now = nanoTime.getAsLong();
    if (run == null || !seat.hasSettled(now)) {
      return;
    }
    List<String> eventTopics = tables.topics().stream().filter(topics::hasEvents).toList();
    int gone = tables.judge(id, eventTopics, gate.silenceMillis(), gate.tailMillis());
    if (gone > 0) {
      goneLine.add(gone, "");
    }
    goneLine.printIfDue();
    if (shutGate.isDue(now)) {
      partitionCounts.clear(); // A row that was removed meanwhile is made again.
      shutGate.looked(tables.shut(id, eventTopics, gate.silenceMillis(), gate.tailMillis()), now);
    }
    if (now - orphansNanos >= RareLines.INTERVAL_NANOS) {
      orphansNanos = now;
      sayOrphans(tables.orphanCount(id, ORPHAN_MILLIS));
    }
  }

  private void sayOrphans(long count) {
    if (count > 0) {
      lines.warn(
          Kind.ORPHANS,
          "%s JVMs have leases without end that no fleet ends, and were not heard of for over %s minutes: what they ran stays in progress. Give them an end, as docs/fleet.md says for JVMs that nobody judges"
              .formatted(count, TimeUnit.MILLISECONDS.toMinutes(ORPHAN_MILLIS)));
    }
  }

  private static @Nullable IdleMark mark(@Nullable HeartbeatPosition read) {
    return read == null ? null : new IdleMark(read.lastMillis(), read.nextOffset());
  }

  /** Returns null for what is no heartbeat, which the task has reported already. */
  private static @Nullable Heartbeat decode(SinkRecord record) {
    try {
      return RecordDecoder.heartbeat(record);
    } catch (RefusedRecordException e) {
      return null;
    }
  }

  /** The content of one poll's heartbeats. */
  private final class Heard {
    private final List<HeardInstance> instances = new ArrayList<>();
    private final Map<String, Integer> partitionCounts = new HashMap<>();
    private HeartbeatRun run;
    private long next;
    private boolean isTopicNew;

    Heard(HeartbeatRun run, long next) {
      this.run = run;
      this.next = next;
    }

    /** Takes a record; false if it has no broker's time. */
    boolean add(SinkRecord record) {
      Long millis = KafkaPlace.brokersTime(record);
      if (millis == null) {
        return false;
      }
      long offset = KafkaPlace.offset(record);
      isTopicNew |= offset < next; // Or a replay, which loses nothing by it.
      next = offset + 1;
      run = run.read(offset, millis);
      Heartbeat heartbeat = decode(record);
      if (heartbeat != null) {
        boolean isEnd = heartbeat.state() == Heartbeat.State.ENDED;
        instances.add(
            new HeardInstance(
                heartbeat.instanceId(), heartbeat.service(), millis, isEnd ? offset : -1));
        count(heartbeat);
      }
      return true;
    }

    /** Partitions that nobody has read yet count too, once a JVM knows of them. */
    private void count(Heartbeat heartbeat) {
      String topic = heartbeat.topic();
      int count = heartbeat.partitionCount();
      if (topic == null || count == 0 || !topics.hasEvents(topic)) {
        return;
      }
      if (count > PARTITIONS_MAX) {
        lines.warn(
            Kind.TOO_MANY_PARTITIONS,
            "JVM %s says that topic %s has %s partitions, more than the %s that agentlog allows for; those that tasks read count all the same"
                .formatted(heartbeat.instanceId(), topic, count, PARTITIONS_MAX));
        return;
      }
      shutGate.hasPartitions(topic, count);
      if (count > HeartbeatJudge.this.partitionCounts.getOrDefault(topic, 0)) {
        partitionCounts.merge(topic, count, Math::max);
      }
    }
  }
}

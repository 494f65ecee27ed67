package io.agentlog.connect;

import io.agentlog.connect.RareLines.Kind;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.FleetTables;
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
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/**
 * Notes how far this task has read its partitions, and which JVMs it has read events of; the task
 * that has the heartbeats is the {@link HeartbeatJudge}.
 *
 * <p>What fails here holds up no event, and ends no task: heartbeats that were not noted are read
 * again, and until then nobody is judged. Belongs to the task's thread.
 */
final class JvmWatch {
  /** Time between two looks at what is due. */
  private static final long DUE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Longest time for which offsets wait for signs of life that can't be noted. */
  static final long HOLD_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** Time after which the rows of partitions are made again, in case they were removed. */
  private static final long NOTED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final FleetTables tables;
  private final SinkTaskContext context;
  private final String heartbeats;
  private final LongSupplier nanoTime;
  private final RareLines lines;
  private final HeartbeatJudge judge;
  private final SignsOfLife signs;
  private final IdleWatch<TopicPartition> idleWatch;
  private final Map<TopicPartition, PartitionProgress> pending = new HashMap<>();

  /** Partitions of this task that have a row. */
  private final Set<TopicPartition> noted = new HashSet<>();

  /** Topics of events that have the times of JVMs; each was told. */
  private final Set<String> unjudged = new HashSet<>();

  private long putEndNanos;
  private long dueNanos;
  private long notedNanos;
  private long failingNanos;
  private boolean isFailing;

  /**
   * Does no I/O.
   *
   * @param topics those of the connector
   * @param pollRecordsMax most records of a poll
   */
  JvmWatch(
      FleetTables tables,
      SinkTaskContext context,
      ConnectorTopics topics,
      Gate gate,
      int pollRecordsMax,
      LongSupplier nanoTime) {
    this.tables = tables;
    this.idleWatch = new IdleWatch<>(pollRecordsMax);
    this.context = context;
    this.heartbeats = topics.heartbeats();
    this.nanoTime = nanoTime;
    this.lines = new RareLines(nanoTime);
    this.judge = new HeartbeatJudge(tables, context, topics, gate, nanoTime, lines);
    this.signs = new SignsOfLife(nanoTime);
    this.putEndNanos = nanoTime.getAsLong();
    this.notedNanos = putEndNanos;
    this.dueNanos = putEndNanos;
  }

  /** True for a record of the topic of heartbeats. */
  boolean isHeartbeat(SinkRecord record) {
    return record.originalTopic().equals(heartbeats);
  }

  /** Begins anew, because the task has other partitions now. */
  void assigned() {
    judge.assigned();
    pending.clear();
    noted.clear();
    isFailing = false;
    dueNanos = nanoTime.getAsLong();
  }

  /** Notes a call that loaded nothing: its time is none in which the partitions were polled. */
  void held() {
    putEndNanos = nanoTime.getAsLong();
  }

  /** Takes the records of a poll, none of them an event, while the database is away. */
  void away(Collection<SinkRecord> records) {
    attempt(
        () -> {
          if (judge.isMine(context.assignment())) {
            judge.miss(records);
            judge.hold();
          }
        });
    held();
  }

  /** Takes events that are in the tables: their JVMs lived when they came to Kafka. */
  void read(Collection<LoadedRecord> events) {
    for (LoadedRecord event : events) {
      Long millis = KafkaPlace.brokersTime(event.record());
      if (millis != null) {
        signs.read(event.event().header().instanceId(), millis);
      }
    }
  }

  /**
   * Takes the records of a poll once their events are in the tables.
   *
   * @param startNanos when the poll had ended
   */
  void loaded(Collection<SinkRecord> records, long startNanos) {
    attempt(() -> note(records, startNanos));
    putEndNanos = nanoTime.getAsLong();
  }

  /**
   * Notes the signs of life that were read since the last look. Called before offsets are
   * committed, because nobody reads these events again.
   *
   * @return false if the signs can't be noted now, so that the offsets are to wait; not for longer
   *     than {@link #HOLD_NANOS}, because what a task reads again would grow without end
   */
  boolean committing() {
    if (signs.hasNews() && !isFailing) {
      attempt(this::renew);
    }
    return !isFailing || !signs.hasNews() || nanoTime.getAsLong() - failingNanos >= HOLD_NANOS;
  }

  /**
   * Returns the offsets that may be committed, after {@link #committing}: none while signs of life
   * are to wait, and none of heartbeats that are to be read again, which wait for as long as it
   * takes.
   */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> offsets) {
    return committing() ? judge.committable(offsets) : Map.of();
  }

  private void attempt(Work work) {
    try {
      work.run();
    } catch (SinkUnavailableException e) {
      failed(
          Kind.NOT_NOTED,
          "nobody is judged for now: "
              + SettingNames.inPlaceOfAgents(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) { // A bug; its text may quote an event.
      failed(
          Kind.UNEXPECTED,
          "nobody is judged for now: unexpected " + AgentLog.describeWithoutMessage(e));
    }
  }

  private void failed(Kind kind, String line) {
    judge.hold(); // What was not noted is read again.
    if (!isFailing) {
      failingNanos = nanoTime.getAsLong();
    }
    isFailing = true;
    dueNanos = nanoTime.getAsLong() + DUE_NANOS;
    lines.warn(kind, line);
  }

  private void note(Collection<SinkRecord> records, long startNanos)
      throws SinkUnavailableException {
    Set<TopicPartition> assigned = new HashSet<>(context.assignment());
    boolean isJudge = judge.isMine(assigned);
    assigned.removeIf(partition -> partition.topic().equals(heartbeats));
    idleWatch.assign(assigned);
    noted.retainAll(assigned);
    Set<TopicPartition> withRecords = noteRecords(records);
    boolean isDue = nanoTime.getAsLong() - dueNanos >= 0;
    if (isJudge && (isDue || !isFailing)) {
      judge.hear(records);
    } else if (isJudge) {
      judge.miss(records);
    }
    idleWatch
        .polled(records.size(), withRecords, judge.known(), Math.max(0, startNanos - putEndNanos))
        .forEach((partition, mark) -> pending.compute(partition, (key, old) -> of(old).idle(mark)));
    if (isDue) {
      renew(); // First: a gate that is open for a JVM has let all its signs of life through.
      advance(assigned);
      if (isJudge) {
        judge.judge();
      } else {
        judge.lookUp();
      }
      isFailing = false;
      dueNanos = nanoTime.getAsLong() + DUE_NANOS;
    }
  }

  private Set<TopicPartition> noteRecords(Collection<SinkRecord> records) {
    Set<TopicPartition> withRecords = new HashSet<>();
    for (SinkRecord record : records) {
      if (isHeartbeat(record)) {
        continue;
      }
      TopicPartition partition = KafkaPlace.of(record);
      withRecords.add(partition);
      Long millis = KafkaPlace.brokersTime(record);
      if (millis != null) {
        pending.compute(partition, (key, old) -> of(old).read(millis));
      } else if (unjudged.add(partition.topic())) {
        AgentLog.warn(
            "connect",
            "topic %s has the times of JVMs, so no JVM can be judged: set message.timestamp.type=LogAppendTime on it"
                .formatted(partition.topic()));
      }
    }
    return withRecords;
  }

  private void renew() throws SinkUnavailableException {
    Long since = signs.silentSince(judge.known());
    if (since == null) {
      return;
    }
    Map<UUID, Long> later = signs.laterThan(tables.silentSince(since));
    if (!later.isEmpty()) {
      tables.renew(later);
    }
    signs.noted();
  }

  private void advance(Set<TopicPartition> assigned) throws SinkUnavailableException {
    long now = nanoTime.getAsLong();
    if (now - notedNanos >= NOTED_NANOS) {
      notedNanos = now;
      noted.clear();
    }
    for (TopicPartition partition : assigned) {
      if (!noted.contains(partition)) {
        pending.putIfAbsent(partition, PartitionProgress.UNREAD);
      }
    }
    List<TopicProgress> progress = new ArrayList<>(pending.size());
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
    noted.addAll(assigned);
    pending.clear();
  }

  private static PartitionProgress of(@Nullable PartitionProgress progress) {
    return progress == null ? PartitionProgress.UNREAD : progress;
  }

  private static @Nullable Long known(long value) {
    return value == PartitionProgress.NEVER ? null : value;
  }

  /** Something that may fail. */
  private interface Work {
    void run() throws SinkUnavailableException;
  }
}

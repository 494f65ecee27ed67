package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.postgres.PostgresSink;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/**
 * A {@link JvmWatch} over a real database, whose worker is the test: it hands over records, and
 * says how long polls took. Times are seconds; the broker's begin at {@link #START_MILLIS}.
 */
final class WatchedTask implements AutoCloseable {
  static final String HEARTBEATS = "agent-instances";
  static final String EVENTS = "agent-execution-logs";
  static final long START_MILLIS = 1_790_000_000_000L;

  /** Of {@link ExecutionEvents}. */
  static final UUID SENDER = ExecutionEvents.INSTANCE;

  private static final Event EVENT =
      new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, 1), false).started();

  /** Where the task was told to go on. */
  final List<Long> sought = new ArrayList<>();

  /** Whether the task has stopped the reading of heartbeats. */
  boolean isPaused;

  /** What the context does in place of naming the partitions, if it is to fail. */
  @Nullable RuntimeException failure;

  private final Set<TopicPartition> assigned = new HashSet<>();
  private final AtomicLong nanos;
  private final PostgresSink sink;
  private final JvmWatch watch;

  WatchedTask(Postgres database, String fleet, AtomicLong nanos, TopicPartition... partitions)
      throws Exception {
    this(database, database.jdbcUrl(), fleet, HEARTBEATS, nanos, partitions);
  }

  WatchedTask(
      Postgres database,
      String jdbcUrl,
      String fleet,
      String heartbeats,
      AtomicLong nanos,
      TopicPartition... partitions)
      throws Exception {
    this.nanos = nanos;
    Properties settings = new Properties();
    settings.setProperty("agentlog.postgres.url", jdbcUrl);
    settings.setProperty("agentlog.postgres.user", database.user());
    settings.setProperty("agentlog.postgres.password", database.password());
    sink =
        new PostgresSink(
            ConfigLoader.load(null, settings, Map.of()), UUID.randomUUID(), "connect", () -> null);
    sink.connect();
    assigned.addAll(List.of(partitions));
    ConnectorTopics topics = new ConnectorTopics(fleet, heartbeats, List.of(EVENTS, "more"), null);
    watch =
        new JvmWatch(
            sink.fleetTables(fleet, heartbeats),
            context(),
            topics,
            Gate.DEFAULT,
            IdleWatch.LIGHT_RECORDS_MAX,
            nanos::get);
    watch.assigned();
  }

  static TopicPartition heartbeats() {
    return new TopicPartition(HEARTBEATS, 0);
  }

  static TopicPartition events(int partition) {
    return new TopicPartition(EVENTS, partition);
  }

  /** Hands over the records of a poll. */
  void polled(int seconds, SinkRecord... records) {
    nanos.addAndGet(seconds * 1_000_000_000L);
    long start = nanos.get();
    List<SinkRecord> all = List.of(records);
    watch.read(
        all.stream()
            .filter(record -> !watch.isHeartbeat(record))
            .map(record -> new LoadedRecord(record, EVENT, 1))
            .toList());
    watch.loaded(all, start);
  }

  /** Hands over records of other JVMs, whose events are no sign of life of {@link #SENDER}. */
  void polledOfOthers(int seconds, SinkRecord... records) {
    nanos.addAndGet(seconds * 1_000_000_000L);
    watch.loaded(List.of(records), nanos.get());
  }

  /** A call that could not load its records, and took some time. */
  void held(int seconds) {
    nanos.addAndGet(seconds * 1_000_000_000L);
    watch.held();
  }

  /** Returns whether the offsets may be committed. */
  boolean committing() {
    return watch.committing();
  }

  /** Returns those of some offsets that may be committed. */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> offsets) {
    return watch.committable(offsets);
  }

  /** Partitions were taken from the task, and given to it again. */
  void assignedAgain() {
    watch.assigned();
  }

  static SinkRecord alive(UUID instance, long offset, int second) {
    return heartbeat(instance, offset, second, Heartbeat.State.ALIVE, EVENTS, 2);
  }

  static SinkRecord heartbeat(
      UUID instance, long offset, int second, Heartbeat.State state, String topic, int partitions) {
    byte[] value =
        new Heartbeat(instance, "router", Instant.EPOCH, state, topic, partitions).write();
    return record(heartbeats(), HEARTBEATS, offset, second, value);
  }

  static SinkRecord event(int partition, long offset, int second) {
    return record(events(partition), EVENTS, offset, second, EventJsonWriter.write(EVENT));
  }

  /** A record whose topic a transformation has renamed. */
  static SinkRecord renamed(SinkRecord record) {
    return record(
        new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
        "renamed",
        record.originalKafkaOffset(),
        (int) ((record.timestamp() - START_MILLIS) / 1_000),
        (byte[]) record.value());
  }

  static SinkRecord ofJvmsClock(int partition, long offset) {
    return new SinkRecord(
        EVENTS,
        partition,
        null,
        null,
        null,
        "{}".getBytes(UTF_8),
        offset,
        START_MILLIS,
        TimestampType.CREATE_TIME);
  }

  /** A heartbeat of any topic and service, of a JVM that writes to one partition. */
  static SinkRecord heartbeatOn(
      String topic, UUID instance, String service, long offset, int second, Heartbeat.State state) {
    byte[] value = new Heartbeat(instance, service, Instant.EPOCH, state, EVENTS, 1).write();
    return record(new TopicPartition(topic, 0), topic, offset, second, value);
  }

  private static SinkRecord record(
      TopicPartition place, String topic, long offset, int second, byte[] value) {
    return new SinkRecord(
        topic,
        topic.equals(place.topic()) ? place.partition() : 7,
        null,
        null,
        null,
        value,
        offset,
        START_MILLIS + second * 1_000L,
        TimestampType.LOG_APPEND_TIME,
        new ConnectHeaders(),
        place.topic(),
        place.partition(),
        offset);
  }

  private SinkTaskContext context() {
    return (SinkTaskContext)
        Proxy.newProxyInstance(
            WatchedTask.class.getClassLoader(),
            new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) -> {
              RuntimeException thrown = failure;
              if (thrown != null) {
                throw thrown;
              }
              switch (method.getName()) {
                case "offset" -> sought.add((Long) arguments[1]);
                case "pause" -> isPaused = true;
                case "resume" -> isPaused = false;
                default -> {}
              }
              return method.getName().equals("assignment") ? Set.copyOf(assigned) : null;
            });
  }

  @Override
  public void close() {
    sink.close();
  }
}

package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.json.EventJsonWriter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task whose database is away: whoever has an event to write waits. */
class AgentlogSinkTaskTest {
  private static final Event EVENT =
      new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, 1), false).started();

  private static final Heartbeat HEARTBEAT =
      new Heartbeat(new UUID(1, 1), "router", Instant.EPOCH, Heartbeat.State.ALIVE, "events", 1);

  private final Queue queue = new Queue();
  private final List<Long> timeouts = new ArrayList<>();
  private final List<TopicPartition> paused = new ArrayList<>();
  private final Metrics metrics = new Metrics();
  private final List<AgentlogSinkTask> tasks = new ArrayList<>();

  @AfterEach
  void stop() {
    tasks.forEach(AgentlogSinkTask::stop);
    metrics.close();
  }

  /** An execution may take longer than the retention, and a JVM's clock may be years behind. */
  @Test
  void eventThatCameLatelyIsLoadedHoweverLongAgoItsExecutionBegan() {
    AgentlogSinkTask task = start(Map.of("retention", "1h"));
    assertThatThrownBy(() -> task.put(List.of(record(value(EVENT), Instant.now()))))
        .isInstanceOf(RetriableException.class);
    assertThat(metric("too-old-total")).isZero();
  }

  @Test
  void eventThatHappenedAndCameLongAgoIsLeftOut() {
    AgentlogSinkTask task = start(Map.of("retention", "1h"));
    task.put(List.of(record(value(EVENT), EVENT.header().startedAt())));
    assertThat(metric("too-old-total")).isOne();
  }

  @Test
  void recordsThatComeAgainAreNotCountedAgain() {
    AgentlogSinkTask task = start(Map.of("retention", "1h"));
    List<SinkRecord> records =
        List.of(
            record(null, Instant.now()),
            record(value(EVENT), EVENT.header().startedAt()),
            record(value(EVENT), Instant.now()));
    assertThatThrownBy(() -> task.put(records)).isInstanceOf(RetriableException.class);
    assertThat(metric("tombstones-total")).isZero();
    assertThat(metric("too-old-total")).isZero();
  }

  @Test
  void pollWithoutEventsIsNoSignOfADatabaseThatIsBack() {
    AgentlogSinkTask task = start(Map.of());
    assertThatThrownBy(() -> task.put(List.of(record(value(EVENT), Instant.now()))))
        .isInstanceOf(RetriableException.class);
    assertThat(metric("outage")).isOne();
    task.put(List.of(record(null, Instant.now())));
    assertThat(metric("outage")).isOne();
  }

  /** A worker that gives up a task, whose call waits, leaves its metrics to the task's end. */
  @Test
  void taskStartsWhileTheOneBeforeItHasNotEnded() {
    start(Map.of());
    AgentlogSinkTask next = start(Map.of());
    next.put(List.of(record(null, Instant.now())));
    assertThat(metric("outage")).isZero();
  }

  @Test
  void recordOfAClockThatIsAheadDoesNotHideTheAgeOfLaterOnes() {
    AgentlogSinkTask task = start(Map.of());
    task.put(List.of(record(null, Instant.now().plus(Duration.ofDays(1)))));
    Until.holds(
        "age of the newest record",
        Duration.ofSeconds(10),
        () -> metric("freshness-ms") > 0,
        () -> metric("freshness-ms") + " ms");
  }

  /** The group takes a task for dead that works for five minutes, so the rest is given again. */
  @Test
  void putThatTookTheLongestTimeLeavesTheRestForTheNext() {
    long[] now = new long[1];
    AgentlogSinkTask task =
        start(new AgentlogSinkTask(() -> now[0] += AgentlogSinkTask.PUT_MAX.toNanos()), Map.of());
    assertThatThrownBy(() -> task.put(List.of(record(value(EVENT), Instant.now()))))
        .isInstanceOf(RetriableException.class)
        .hasMessage("these records take longer than 120 s; those that are left follow");
    assertThat(timeouts).containsExactly(1_000L);
    assertThat(metric("outage")).isZero();
  }

  @Test
  void deadLetterQueueIsAwaitedForASecondHoweverLongThePutTook() {
    AgentlogSinkTask task = start(new AgentlogSinkTask(queue.nanos::get), Map.of());
    List<SinkRecord> broken = List.of(record("no event", Instant.now()));
    assertThatThrownBy(() -> task.put(broken))
        .isInstanceOf(RetriableException.class)
        .hasMessage("the dead letter queue has not answered yet");
    assertThat(queue.waits).containsExactly(TimeUnit.SECONDS.toNanos(1));
    assertThat(timeouts).containsExactly(1_000L);

    queue.complete(null);
    task.put(broken);
    assertThat(queue.waits).hasSize(2);
    assertThat(metric("refused-total")).isOne();
  }

  /** Nobody has noted them, and the judge that is the first has no position to go back to. */
  @Test
  void heartbeatsThatComeBeforeTheDatabaseWaitOnKafka() {
    AgentlogSinkTask task =
        start(Map.of("topics", "events,instances", "instances.topic", "instances"));
    TopicPartition heartbeats = new TopicPartition("instances", 0);
    task.open(Set.of(heartbeats));
    task.put(List.of(record("instances", HEARTBEAT.write(), Instant.now())));
    assertThat(paused).containsExactly(heartbeats);
    Map<TopicPartition, OffsetAndMetadata> offsets =
        Map.of(
            heartbeats,
            new OffsetAndMetadata(18),
            new TopicPartition("events", 0),
            new OffsetAndMetadata(3));
    assertThat(task.preCommit(offsets)).containsOnlyKeys(new TopicPartition("events", 0));
  }

  /** A dead letter queue that takes long for a record, and notes how long its answer is awaited. */
  private static final class Queue extends CompletableFuture<Void> implements ErrantRecordReporter {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Long> waits = new ArrayList<>();

    @Override
    public Future<Void> report(SinkRecord record, Throwable error) {
      nanos.addAndGet(AgentlogSinkTask.PUT_MAX.toNanos());
      return this;
    }

    @Override
    public Void get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      waits.add(unit.toNanos(timeout));
      return super.get(0, unit);
    }
  }

  private AgentlogSinkTask start(Map<String, String> more) {
    return start(new AgentlogSinkTask(), more);
  }

  private AgentlogSinkTask start(AgentlogSinkTask task, Map<String, String> more) {
    task.initialize(context(new PluginMetricsImpl(metrics, Map.of("task", "0"))));
    tasks.add(task);
    var properties = new java.util.TreeMap<>(more);
    properties.put("connection.url", "jdbc:postgresql://localhost:1/agents?connectTimeout=1");
    task.start(properties);
    return task;
  }

  private long metric(String name) {
    return metrics.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals(name))
        .map(metric -> (Long) metric.metricValue())
        .findFirst()
        .orElseThrow();
  }

  private SinkTaskContext context(PluginMetricsImpl metrics) {
    return (SinkTaskContext)
        Proxy.newProxyInstance(
            AgentlogSinkTaskTest.class.getClassLoader(),
            new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "pluginMetrics" -> metrics;
                  case "errantRecordReporter" -> queue;
                  case "timeout" -> {
                    timeouts.add((Long) arguments[0]);
                    yield null;
                  }
                  case "pause" -> {
                    paused.addAll(List.of((TopicPartition[]) arguments[0]));
                    yield null;
                  }
                  case "assignment" ->
                      Set.of(new TopicPartition("events", 0), new TopicPartition("instances", 0));
                  default -> null;
                });
  }

  private static byte[] value(Event event) {
    return EventJsonWriter.write(event);
  }

  private static SinkRecord record(Object value, Instant time) {
    return record("events", value, time);
  }

  private static SinkRecord record(String topic, Object value, Instant time) {
    return new SinkRecord(
        topic, 0, null, null, null, value, 17, time.toEpochMilli(), TimestampType.CREATE_TIME);
  }
}

package io.agentlog.connect;

import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.postgres.Written;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.jspecify.annotations.Nullable;

/**
 * Loads the events of its partitions. When {@link #put} returns, all that it was given is in the
 * tables or reported, so Connect may commit the offsets. A database that is away is waited for, for
 * ever: Connect keeps the records and gives them again.
 *
 * <p>Belongs to the worker's thread for this task.
 */
public final class AgentlogSinkTask extends SinkTask {
  /**
   * Longest work of one {@link #put}; Connect gives what is left again. Far below the time after
   * which the group takes a task for dead.
   */
  static final Duration PUT_MAX = Duration.ofMinutes(2);

  /** Least time for reports after a long work. */
  private static final long REPORTS_LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longest wait until what was not finished in time is given again. */
  private static final long AGAIN_MILLIS = 1_000;

  /** Longest wait for records, so that the lease is renewed in time. */
  static final long POLL_MAX_MILLIS = 5_000;

  /** Time between two commits of offsets: what is read again after a crash. */
  private static final long COMMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Time without a partition after which a task says so; a group needs some seconds to share. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Time between two attempts to show metrics whose names are taken. */
  private static final long METRICS_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Time between two attempts to connect while no event waits. */
  private static final long CONNECT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final TaskCounters counters = new TaskCounters();
  private final LongSupplier nanoTime;
  private final MinuteSummary tooOldLine;

  private @Nullable PostgresSink sink;
  private @Nullable BatchLoader loader;
  private @Nullable RefusedRecords refused;
  private @Nullable DatabaseOutage outage;
  private @Nullable Duration retention;

  /** Null where nobody judges whether JVMs live. */
  private @Nullable JvmWatch jvms;

  private long committedNanos;
  private long connectNanos;
  private long metricsNanos;
  private boolean showsMetrics;
  private long readingNanos;
  private boolean saidIdle;
  private boolean connected;

  /** Made by the worker. */
  public AgentlogSinkTask() {
    this(System::nanoTime);
  }

  AgentlogSinkTask(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.readingNanos = nanoTime.getAsLong();
    this.connectNanos = readingNanos;
    this.metricsNanos = readingNanos;
    this.tooOldLine =
        new MinuteSummary(
            nanoTime,
            (count, last) ->
                AgentLog.warn(
                    "connect",
                    "%s events older than %s left out; the last: %s. Kafka keeps events longer than the tables: shorten the topic's retention. If it does not, this worker's clock is ahead"
                        .formatted(count, ConnectorConfig.RETENTION, last)));
  }

  @Override
  public String version() {
    return ConnectorVersion.text();
  }

  /**
   * Reads the settings; connects with the first records.
   *
   * @throws ConnectException if a setting is not usable
   */
  @Override
  public void start(Map<String, String> props) {
    WorkerLog.install();
    ConnectorConfig config;
    try {
      config = ConnectorConfig.of(props);
    } catch (ConfigException e) {
      throw new ConnectException(e.getMessage());
    }
    PostgresSink opened =
        new PostgresSink(config.store(), UUID.randomUUID(), ConnectorConfig.SERVICE, () -> null);
    opened.useOneConnection(); // Tasks are what goes on at the same time here.
    sink = opened;
    retention = config.retention();
    jvms =
        config.topics().heartbeats().isEmpty()
            ? null
            : new JvmWatch(
                opened.fleetTables(config.topics().fleet(), config.topics().heartbeats()),
                context,
                config.topics(),
                Gate.DEFAULT,
                config.pollRecordsMax(),
                nanoTime);
    refused =
        new RefusedRecords(
            context.errantRecordReporter(), config.deadLetterBytesMax(), counters, nanoTime);
    loader =
        new BatchLoader(
            events -> write(opened, events),
            refused,
            counters,
            config.batchEventsMax(),
            config.batchBytesMax(),
            nanoTime);
    outage =
        new DatabaseOutage(
            opened.target(), nanoTime, () -> ThreadLocalRandom.current().nextDouble(), counters);
    showMetricsIfDue();
  }

  /** Takes partitions, whose last events another task may have written already. */
  @Override
  public void open(Collection<TopicPartition> partitions) {
    required(sink).expectReplay();
    forget();
    JvmWatch watch = jvms;
    if (watch != null) {
      watch.assigned();
    }
  }

  /**
   * Notes what nobody reads again once the offsets are committed.
   *
   * @return no offsets while that fails; then the same records are read again after a restart
   */
  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
    JvmWatch watch = jvms;
    return watch == null ? currentOffsets : watch.committable(currentOffsets);
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    forget();
  }

  private void forget() {
    required(loader).forget();
    required(refused).forget();
  }

  /**
   * Loads records, and does what else is due: the lease, the sweep, retention.
   *
   * @param records those of one poll; none if there were none in time
   * @throws RetriableException if the database is away; Connect gives the records again
   * @throws ConnectException if a record is refused and {@code errors.tolerance} is {@code none}
   */
  @Override
  public void put(Collection<SinkRecord> records) {
    long startNanos = nanoTime.getAsLong();
    showMetricsIfDue();
    sayIfIdle();
    JvmWatch watch = jvms;
    if (!records.isEmpty()) {
      try {
        load(records);
      } catch (RetriableException e) {
        if (watch != null) {
          watch.held();
        }
        throw e;
      }
    }
    if (watch == null) {
      connectIfDue();
    } else if (isConnected()) {
      watch.loaded(records, startNanos);
    } else {
      watch.away(records);
    }
    keepUp();
    tooOldLine.printIfDue();
    required(refused).printIfDue();
    context.timeout(POLL_MAX_MILLIS);
  }

  /** Closes the connection, and ends the lease. */
  @Override
  public void stop() {
    PostgresSink open = sink;
    sink = null;
    if (open != null) {
      open.close();
    }
  }

  private void load(Collection<SinkRecord> records) {
    JvmWatch watch = jvms;
    DecodedRecords decoded =
        DecodedRecords.of(
            records,
            record -> watch != null && watch.isHeartbeat(record),
            oldestMillis(),
            required(refused)::sawEvent);
    long startNanos = nanoTime.getAsLong();
    boolean isWhole;
    try {
      isWhole =
          required(loader)
              .load(decoded.events(), () -> nanoTime.getAsLong() - startNanos < PUT_MAX.toNanos());
    } catch (SinkUnavailableException e) {
      context.timeout(required(outage).failed(e));
      throw new RetriableException(SettingNames.inPlaceOfAgents(String.valueOf(e.getMessage())));
    }
    if (!decoded.events().isEmpty()) {
      required(outage).ended();
    }
    if (!isWhole) {
      context.timeout(AGAIN_MILLIS);
      throw new RetriableException(
          "these records take longer than %s s; those that are left follow"
              .formatted(PUT_MAX.toSeconds()));
    }
    // Only now: records that come again would be reported and counted again.
    decoded.broken().forEach(one -> required(refused).report(one.record(), one.reason()));
    long left = PUT_MAX.toNanos() - (nanoTime.getAsLong() - startNanos);
    if (!required(refused).awaitReports(Math.max(REPORTS_LEAST_NANOS, left))) {
      context.timeout(AGAIN_MILLIS);
      throw new RetriableException("the dead letter queue has not answered yet");
    }
    counters.tombstones.addAndGet(decoded.tombstoneCount());
    counters.tooOldEvents.addAndGet(decoded.tooOld().size());
    if (!decoded.tooOld().isEmpty()) {
      SinkRecord last = decoded.tooOld().get(decoded.tooOld().size() - 1);
      tooOldLine.add(decoded.tooOld().size(), RecordDecoder.place(last));
    }
    if (watch != null) {
      watch.read(decoded.events());
    }
    noteLoaded(records);
  }

  private long oldestMillis() {
    Duration age = retention;
    return age == null ? Long.MIN_VALUE : System.currentTimeMillis() - age.toMillis();
  }

  private void noteLoaded(Collection<SinkRecord> records) {
    long nowMillis = System.currentTimeMillis();
    for (SinkRecord record : records) {
      Long time = record.timestamp(); // Of a JVM whose clock may be ahead.
      if (time != null) {
        counters.loadedUntilMillis.accumulateAndGet(Math.min(time, nowMillis), Math::max);
      }
    }
    long now = nanoTime.getAsLong();
    if (now - committedNanos >= COMMIT_NANOS) {
      committedNanos = now;
      context.requestCommit();
    }
  }

  private void showMetricsIfDue() {
    long now = nanoTime.getAsLong();
    if (!showsMetrics && now - metricsNanos >= 0) {
      metricsNanos = now + METRICS_NANOS;
      showsMetrics = TaskMetrics.register(context, counters, System::currentTimeMillis);
    }
  }

  /**
   * Connects even if no event comes, because retention and the sweep are due then, too. Nobody
   * waits for it, so a failure is no outage.
   */
  private void connectIfDue() {
    long now = nanoTime.getAsLong();
    if (connected || now - connectNanos < 0) {
      return;
    }
    connectNanos = now + CONNECT_NANOS;
    try {
      required(sink).connect();
      connected = true;
    } catch (SinkUnavailableException e) {
      AgentLog.debug("connect", "no connection yet: " + e.getMessage());
    }
  }

  /** Makes the tables even if this task reads nothing but heartbeats. */
  private boolean isConnected() {
    if (!connected) {
      try {
        required(sink).connect();
        connected = true;
      } catch (SinkUnavailableException e) {
        required(outage).failed(e);
      }
    }
    return connected;
  }

  /** An outage here holds up no record, so it is noted and not thrown. */
  private void keepUp() {
    try {
      if (required(sink).maintain()) {
        required(outage).ended();
      }
    } catch (SinkUnavailableException e) {
      required(outage).failed(e);
    }
  }

  private static long write(PostgresSink sink, List<Event> events)
      throws SinkUnavailableException, EventRefusedException {
    try {
      sink.write(events);
    } catch (RuntimeException e) { // A bug that one event meets; its text may quote the event.
      throw new SinkUnavailableException(
          "unexpected " + AgentLog.describeWithoutMessage(e), null, Suspect.EVENT);
    }
    Written written = sink.written();
    return (long) written.executionCount()
        + written.progressCount()
        + written.decisionCount()
        + written.detailCount();
  }

  private void sayIfIdle() {
    long now = nanoTime.getAsLong();
    if (!context.assignment().isEmpty()) {
      readingNanos = now;
      saidIdle = false;
    } else if (!saidIdle && now - readingNanos >= IDLE_NANOS) {
      saidIdle = true;
      AgentLog.warn(
          "connect",
          "this task has no partition to read: tasks.max is above the number of partitions, or a topic of the connector does not exist");
    }
  }

  private static <T> T required(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the task is not started");
    }
    return part;
  }
}

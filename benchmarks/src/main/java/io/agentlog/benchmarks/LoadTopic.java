package io.agentlog.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A topic of one partition for one run, on the brokers that {@code KAFKA_BOOTSTRAP_SERVERS} names,
 * and the figures read from it. The broker stamps each record on append. {@link #close} removes the
 * topic. One thread.
 */
final class LoadTopic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String COMPLETED_AT = "\"completed_at\":\"";

  private final String bootstrapServers;
  private final String name = "agentlog-load-" + ProcessHandle.current().pid();
  private final TopicPartition partition = new TopicPartition(name, 0);
  private final Admin admin;
  private final KafkaConsumer<String, String> consumer;

  /** Microseconds from the end of an execution to the stamp of its last event, which is in ms. */
  private final List<Long> appendedMicros = new ArrayList<>();

  /** Microseconds from the end of an execution until the reader here has its last event. */
  private final List<Long> readMicros = new ArrayList<>();

  private long eventCount;
  private long withoutPromptCount;
  private long withoutPromptBytes;
  private long jsonBytes;

  LoadTopic(Map<String, String> environment) throws InterruptedException, ExecutionException {
    bootstrapServers = environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "");
    if (bootstrapServers.isEmpty()) {
      throw new IllegalArgumentException("no Kafka broker is named; set KAFKA_BOOTSTRAP_SERVERS");
    }
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    NewTopic topic = new NewTopic(name, 1, (short) 1);
    topic.configs(Map.of("message.timestamp.type", "LogAppendTime"));
    admin.createTopics(Set.of(topic)).all().get();
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", "false"),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.assign(Set.of(partition));
    consumer.seekToBeginning(Set.of(partition));
    consumer.position(partition); // Connects now, so that no event waits for the connection.
  }

  /** The agent's options for this topic. */
  String agentArguments() {
    return "kafka.bootstrap-servers='%s',kafka.topic=%s".formatted(bootstrapServers, name);
  }

  /** Reads until the process has ended and all events have arrived, or the time is over. */
  void read(Process process, long expectedCount, Duration atMost) {
    long begin = System.nanoTime();
    while ((process.isAlive() || eventCount < expectedCount)
        && System.nanoTime() - begin < atMost.toNanos()) {
      var records = consumer.poll(POLL);
      long now = micros(Instant.now());
      records.forEach(record -> take(record, now));
    }
  }

  /** The number of events read. */
  long eventCount() {
    return eventCount;
  }

  /** The number of records in the topic, read or not. */
  long recordCount() {
    return consumer.endOffsets(Set.of(partition)).values().iterator().next();
  }

  /** The number of read events that end an execution. */
  long completedCount() {
    return readMicros.size();
  }

  Percentiles appendedMicros() {
    return percentiles(appendedMicros);
  }

  Percentiles readMicros() {
    return percentiles(readMicros);
  }

  /** Mean bytes of JSON of the events without a prompt; only an execution's first event has one. */
  double bytesWithoutPrompt() {
    return (double) withoutPromptBytes / withoutPromptCount;
  }

  /** Mean bytes of JSON of the events read. */
  double bytesOfJson() {
    return (double) jsonBytes / eventCount;
  }

  /** Bytes of the broker's log, including keys, headers and the overhead of batches. */
  long logBytes() throws InterruptedException, ExecutionException {
    List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
    return admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
        .flatMap(directories -> directories.values().stream())
        .map(directory -> directory.replicaInfos().get(partition))
        .filter(Objects::nonNull)
        .mapToLong(ReplicaInfo::size)
        .sum();
  }

  @Override
  public void close() throws ExecutionException {
    consumer.close();
    try {
      admin.deleteTopics(Set.of(name)).all().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The topic stays.
    }
    admin.close();
  }

  private void take(ConsumerRecord<String, String> record, long nowMicros) {
    eventCount++;
    jsonBytes += record.serializedValueSize();
    String type = new String(record.headers().lastHeader("event_type").value(), UTF_8);
    if (!type.equals("started")) {
      withoutPromptCount++;
      withoutPromptBytes += record.serializedValueSize();
    }
    if (type.equals("completed")) {
      int from = record.value().indexOf(COMPLETED_AT) + COMPLETED_AT.length();
      String text = record.value().substring(from, record.value().indexOf('"', from));
      long endMicros = micros(Instant.parse(text));
      appendedMicros.add(record.timestamp() * 1_000 - endMicros);
      readMicros.add(nowMicros - endMicros);
    }
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static Percentiles percentiles(List<Long> samples) {
    return new Percentiles(samples.stream().mapToLong(Long::longValue).toArray());
  }
}

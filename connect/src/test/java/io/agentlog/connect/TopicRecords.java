package io.agentlog.connect;

import io.agentlog.backends.Kafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records as bytes, and how far a connector has read them. */
final class TopicRecords {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** A topic may hold what a fleet sent for minutes. */
  private static final Duration READING_DEADLINE = Duration.ofMinutes(5);

  private TopicRecords() {}

  /** All records of topics now, in the order of each partition. */
  static List<ConsumerRecord<byte[], byte[]>> read(Kafka kafka, String... topics) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    forEach(kafka, records::add, topics);
    return records;
  }

  /** Hands on the records of topics, which may be more than the memory holds. */
  static void forEach(
      Kafka kafka, Consumer<ConsumerRecord<byte[], byte[]>> action, String... topics) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) {
        consumer
            .partitionsFor(topic, DEADLINE)
            .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, DEADLINE);
      Until.holds(
          "end of " + List.of(topics),
          READING_DEADLINE,
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(action);
            return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
          },
          () -> "behind " + ends);
    }
  }

  /** Sends values without a key. */
  static void send(Kafka kafka, String topic, List<byte[]> values) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (byte[] value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, value)));
      }
      for (Future<?> record : sent) {
        record.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  /** Waits until a connector has committed the offsets of all records that there are. */
  static void awaitLoaded(Kafka kafka, String connector, Collection<String> topics) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Until.holds(
          "end of the lag of " + connector,
          DEADLINE,
          () -> lag(admin, connector, topics) == 0,
          () -> "lag " + lag(admin, connector, topics));
    }
  }

  private static long lag(Admin admin, String connector, Collection<String> topics) {
    try {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      admin.describeTopics(topics).allTopicNames().get(20, TimeUnit.SECONDS).values().stream()
          .forEach(
              topic ->
                  topic
                      .partitions()
                      .forEach(
                          partition ->
                              latest.put(
                                  new TopicPartition(topic.name(), partition.partition()),
                                  OffsetSpec.latest())));
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets("connect-" + connector)
              .partitionsToOffsetAndMetadata()
              .get(20, TimeUnit.SECONDS);
      return admin.listOffsets(latest).all().get(20, TimeUnit.SECONDS).entrySet().stream()
          .mapToLong(
              end -> {
                OffsetAndMetadata at = committed.get(end.getKey());
                return end.getValue().offset() - (at == null ? 0 : at.offset());
              })
          .sum();
    } catch (ExecutionException | TimeoutException e) { // A broker may be away.
      return Long.MAX_VALUE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

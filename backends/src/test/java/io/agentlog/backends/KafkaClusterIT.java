package io.agentlog.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: the cluster and the workers of other tests work as documented. Method: kill and start a
 * broker and workers, and read the records that were acknowledged meanwhile.
 */
class KafkaClusterIT {
  private static final int PARTITIONS = 6;

  private static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.startNew();
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  @Test
  void topicTakesRecordsWhileOneBrokerIsAway() throws Exception {
    String topic = cluster.kafka().newTopic(PARTITIONS);
    Map<String, Object> settings =
        Map.of("bootstrap.servers", cluster.kafka().bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      send(producer, topic, "before");
      int leader = cluster.leader(topic, 0);
      cluster.kill(leader);
      send(producer, topic, "killed");
      assertThat(cluster.leader(topic, 0)).isNotEqualTo(leader);
      cluster.start(leader);
      int other = cluster.leader(topic, 0);
      cluster.kill(other); // Two are left only if the first is back in its partitions.
      send(producer, topic, "returned");
      cluster.start(other);
      cluster.addPartitions(topic, 2 * PARTITIONS);
      send(producer, topic, "more", 2 * PARTITIONS);
    }
    assertThat(cluster.kafka().records(topic))
        .extracting(ConsumerRecord::value)
        .filteredOn(value -> !value.startsWith("more"))
        .containsExactlyInAnyOrderElementsOf(
            List.of("before", "killed", "returned").stream()
                .flatMap(word -> IntStream.range(0, PARTITIONS).mapToObj(i -> word + i))
                .toList());
    assertThat(cluster.kafka().recordCount(topic)).isEqualTo(5L * PARTITIONS);
  }

  @ParameterizedTest
  @EnumSource
  void workersAnswerAlsoAfterKill(ConnectVersion version, @TempDir Path noPlugins) {
    String group = "workers-" + version.name();
    Kafka kafka = cluster.kafka();
    try (ConnectWorker first = ConnectWorker.startNew(version, kafka, group, noPlugins, Map.of());
        ConnectWorker second = ConnectWorker.startNew(version, kafka, group, noPlugins, Map.of())) {
      assertThat(first.rest().plugins()).isEqualTo("[]");
      assertThat(first.log()).contains("Kafka version: " + version);
      first.kill();
      assertThat(second.rest().plugins()).isEqualTo("[]");
      first.start();
      assertThat(first.rest().plugins()).isEqualTo("[]");
      assertThatThrownBy(() -> first.rest().status("nobody"))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("404");
    }
  }

  private static void send(KafkaProducer<String, String> producer, String topic, String word)
      throws Exception {
    send(producer, topic, word, PARTITIONS);
  }

  private static void send(
      KafkaProducer<String, String> producer, String topic, String word, int partitionCount)
      throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    for (int i = 0; i < partitionCount; i++) {
      sent.add(producer.send(new ProducerRecord<>(topic, i, "key", word + i)));
    }
    for (Future<?> record : sent) {
      record.get();
    }
  }
}

package io.agentlog.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.event.Event;
import io.agentlog.json.EventJsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Bytes and requests that an execution takes on its way to a topic, for a producer that sends each
 * event at once, one that waits a second, and one that compresses, too. A JVM with two executions a
 * second has two of them in a second's batch.
 *
 * <pre>
 *  FleetTopic [executions=2000] [partitions=48]
 * </pre>
 *
 * <p>Needs {@code KAFKA_BOOTSTRAP_SERVERS}, one broker, whose replicas are counted.
 */
public final class FleetTopic {
  private static final int EXECUTIONS_A_SECOND = 2;
  private static final String TOPIC = "agentlog-fleet-topic-" + ProcessHandle.current().pid();

  private FleetTopic() {}

  /** Runs the three and prints a line for each. */
  public static void main(String[] args) throws Exception {
    Map<String, String> given = new TreeMap<>();
    for (String arg : args) {
      given.put(arg.replaceFirst("=.*", ""), arg.replaceFirst("^[^=]*=", ""));
    }
    int executions = Integer.parseInt(given.getOrDefault("executions", "2000"));
    int partitions = Integer.parseInt(given.getOrDefault("partitions", "48"));
    send("each event at once", executions, partitions, 1, "none");
    int aSecond = EXECUTIONS_A_SECOND * LoadedEvents.of(0).size();
    send("a second's events together", executions, partitions, aSecond, "none");
    send("a second's events together, gzip", executions, partitions, aSecond, "gzip");
  }

  private static void send(
      String name, int executions, int partitions, int together, String compression)
      throws ExecutionException, InterruptedException {
    String topic = TOPIC + "-" + together + "-" + compression;
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            System.getenv("KAFKA_BOOTSTRAP_SERVERS"),
            "linger.ms",
            "60000", // What is sent together is flushed below.
            "compression.type",
            compression,
            "batch.size",
            "131072");
    try (Admin admin = Admin.create(settings);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
      producer.partitionsFor(topic);
      double requestsBefore = requests(producer);
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      int waiting = 0;
      for (int i = 0; i < executions; i++) {
        byte[] key = "00000000-0000-7000-8000-%012x".formatted(i).getBytes(UTF_8);
        for (Event event : LoadedEvents.of(i)) {
          sent.add(producer.send(message(topic, key, event)));
          if (++waiting == together) {
            producer.flush();
            waiting = 0;
          }
        }
      }
      producer.flush();
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
      System.out.printf(
          Locale.ROOT,
          "%s: %.0f bytes on the topic, %.2f requests an execution%n",
          name,
          bytes(admin, topic) / (double) executions,
          (requests(producer) - requestsBefore) / executions);
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  /** As the agent sends it. */
  private static ProducerRecord<byte[], byte[]> message(String topic, byte[] key, Event event) {
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(topic, key, EventJsonWriter.write(event));
    message.headers().add("event_id", event.eventId().getBytes(UTF_8));
    message.headers().add("event_type", event.type().wireName().getBytes(UTF_8));
    message.headers().add("correlation_id", key);
    message.headers().add("content-type", "application/json".getBytes(UTF_8));
    return message;
  }

  private static double requests(KafkaProducer<byte[], byte[]> producer) {
    return producer.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("request-total"))
        .filter(metric -> metric.getKey().group().equals("producer-metrics"))
        .mapToDouble(metric -> ((Number) metric.getValue().metricValue()).doubleValue())
        .sum();
  }

  private static long bytes(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    List<Integer> brokers =
        admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
    return admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
        .flatMap(folders -> folders.values().stream())
        .flatMap(folder -> folder.replicaInfos().entrySet().stream())
        .filter(replica -> replica.getKey().topic().equals(topic))
        .mapToLong(replica -> replica.getValue().size())
        .sum();
  }
}

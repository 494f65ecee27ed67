package io.agentlog.sample.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Makes the Kafka clients that the router needs, and does its one-off work with them. */
final class KafkaClients {
  private final String bootstrapServers;

  KafkaClients(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  Consumer<String, @Nullable String> consumer(String group, String clientId) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("group.id", group);
    properties.put("client.id", clientId);
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "earliest");
    // Ten requests held back for 20 s each are still within max.poll.interval.ms.
    properties.put("max.poll.records", 10);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  Producer<String, String> producer(String clientId) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("client.id", clientId);
    properties.put("acks", "all");
    properties.put("enable.idempotence", true);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  /** Creates those of the three topics that don't exist, with the broker's default settings. */
  void createTopics() throws IOException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      for (String name : List.of(Topics.REQUESTED, Topics.COMPLETED, Topics.FAILED)) {
        NewTopic topic = new NewTopic(name, Optional.empty(), Optional.empty());
        try {
          admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new IOException("topic " + name + " can't be created: " + e.getCause(), e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while topics were created", e);
    }
  }

  /**
   * Sends every line of a file that is not blank to {@link Topics#REQUESTED}, unchanged.
   *
   * @return number of sent lines
   */
  long send(Path file) throws IOException {
    RequestReader reader = new RequestReader();
    List<Future<?>> sent = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file);
        Producer<String, String> producer = producer("agent-router")) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          String key = reader.correlationIdOf(line);
          sent.add(producer.send(new ProducerRecord<>(Topics.REQUESTED, key, line)));
        }
      }
      producer.flush();
      for (Future<?> future : sent) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a request was not accepted: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while requests were sent", e);
    }
    return sent.size();
  }
}

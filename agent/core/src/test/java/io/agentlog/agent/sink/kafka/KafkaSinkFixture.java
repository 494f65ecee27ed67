package io.agentlog.agent.sink.kafka;

import io.agentlog.agent.sink.kafka.InstanceHeartbeat.Pace;
import io.agentlog.backends.Kafka;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;

/** Makes sinks, which it closes after the test, and events for them. */
abstract class KafkaSinkFixture {
  final UUID instanceId = UUID.randomUUID();
  private final List<KafkaSink> sinks = new ArrayList<>();

  @AfterEach
  void close() {
    sinks.forEach(KafkaSink::close);
  }

  static void writeUntilTaken(KafkaSink sink, List<Event> events) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        sink.write(events); // Waits by itself, up to max.block.ms.
        return;
      } catch (SinkUnavailableException e) {
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
  }

  KafkaSink sink(Kafka kafka, String topic) {
    return sink(kafka, topic, Map.of());
  }

  KafkaSink sink(Kafka kafka, String topic, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("kafka.bootstrap-servers", kafka.bootstrapServers());
    settings.put("kafka.topic", topic);
    return sink(settings);
  }

  KafkaSink sink(Map<String, String> settings) {
    return kept(new KafkaSink(config(settings), "agentlog-" + instanceId));
  }

  /** The sink of a JVM that lives, of the service {@code invoices}. */
  KafkaSink live(Kafka kafka, String topic, Map<String, String> more) {
    return live(kafka, topic, more, Pace.USUAL);
  }

  /** The same with other times between its heartbeats. */
  KafkaSink live(Kafka kafka, String topic, Map<String, String> more, Pace pace) {
    Map<String, String> settings = new HashMap<>(more);
    settings.putIfAbsent("kafka.bootstrap-servers", kafka.bootstrapServers());
    settings.put("kafka.topic", topic);
    return kept(
        new KafkaSink(
            config(settings), "agentlog-" + instanceId, Optional.of(instanceId), "invoices", pace));
  }

  private KafkaSink kept(KafkaSink sink) {
    sinks.add(sink);
    return sink;
  }

  private static Config config(Map<String, String> settings) {
    Properties properties = new Properties();
    settings.forEach((key, value) -> properties.setProperty("agentlog." + key, value));
    return ConfigLoader.load(null, properties, Map.of());
  }

  static List<String> eventIds(List<ConsumerRecord<String, String>> records, UUID execution) {
    return records.stream()
        .filter(record -> execution.toString().equals(record.key()))
        .map(record -> Kafka.header(record, "event_id"))
        .toList();
  }

  EventHeader header(UUID execution, int seq) {
    return new EventHeader(
        execution,
        seq,
        1_767_323_045_123_456L,
        seq * 1_000_000L,
        "invoice-agent",
        Identifier.of(execution),
        Identifier.of(instanceId),
        instanceId);
  }

  Event started(UUID execution, String prompt) {
    return new Event.Started(
        header(execution, 1),
        null,
        prompt,
        prompt.length(),
        "0".repeat(64),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        Map.of());
  }

  Event progress(UUID execution, int seq) {
    return new Event.Progress(header(execution, seq), "stage", seq, Map.of(), Map.of());
  }

  Event completed(UUID execution, int seq) {
    return new Event.Completed(
        header(execution, seq), Status.SUCCESS, End.COMPLETED, null, null, 0.5, Map.of());
  }
}

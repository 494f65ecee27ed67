package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.event.Event;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: events that the sink confirms are on the topic, in order, and a failure ends in one
 * sentence that says what to do. Method: the sink alone against a real broker, which some of the
 * tests stop or limit.
 */
@Timeout(180)
class KafkaSinkIT extends KafkaSinkFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void eventsArriveInOrderWithTheirHeaders() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(3);
    KafkaSink sink = sink(kafka, topic);
    UUID execution = UUID.randomUUID();

    sink.write(List.of(started(execution, "Which invoices?"), progress(execution, 2)));
    sink.write(List.of(progress(execution, 3), completed(execution, 4)));

    List<ConsumerRecord<String, String>> records = kafka.records(topic);
    assertThat(records)
        .extracting(record -> Kafka.header(record, "event_id"))
        .containsExactly(execution + ":1", execution + ":2", execution + ":3", execution + ":4");
    assertThat(records)
        .extracting(record -> Kafka.header(record, "event_type"))
        .containsExactly("started", "progress", "progress", "completed");
    assertThat(records)
        .allSatisfy(
            record -> {
              assertThat(record.key()).isEqualTo(execution.toString());
              assertThat(Kafka.header(record, "correlation_id")).isEqualTo(execution.toString());
              assertThat(Kafka.header(record, "content-type")).isEqualTo("application/json");
            });
    assertThat(JSON.readTree(records.get(0).value()).get("user_prompt").asText())
        .isEqualTo("Which invoices?");
  }

  @Test
  void eachExecutionOfALargeBatchStaysInOrder() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(4);
    List<UUID> executions = new ArrayList<>();
    List<Event> batch = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      executions.add(UUID.randomUUID());
    }
    for (int seq = 1; seq <= 20; seq++) {
      for (UUID execution : executions) {
        batch.add(progress(execution, seq));
      }
    }

    writeUntilTaken(sink(kafka, topic), batch);

    List<ConsumerRecord<String, String>> records = kafka.records(topic);
    for (UUID execution : executions) {
      // If the client gave up once, the first pass misses events and the whole batch came again:
      // the last pass is whole and in order.
      List<String> ids = eventIds(records, execution);
      assertThat(ids.subList(Math.max(0, ids.size() - 20), ids.size()))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 20).mapToObj(s -> execution + ":" + s).toList());
    }
  }

  @Test
  void sinkRegistersNoMetricsWithThePlatformMBeanServer() throws Exception {
    Kafka kafka = Backends.kafka();
    sink(kafka, kafka.newTopic(1)).write(List.of(progress(UUID.randomUUID(), 1)));

    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    assertThat(server.queryNames(new ObjectName("kafka.producer:*"), null))
        .noneMatch(
            name ->
                !"app-info".equals(name.getKeyProperty("type"))
                    && String.valueOf(name.getKeyProperty("client-id"))
                        .contains(instanceId.toString()));
  }

  @Test // Faults 50 and 54
  void batchThatFailedInAnOutageArrivesInOrderAfterIt() throws Exception {
    try (Kafka kafka = Kafka.startOwn()) {
      assumeTrue(kafka.isOwned());
      String topic = "outage";
      kafka.createTopic(topic, 1);
      KafkaSink sink =
          sink(
              kafka,
              topic,
              Map.of(
                  "kafka.client.delivery.timeout.ms", "3000",
                  "kafka.client.request.timeout.ms", "1000"));
      UUID execution = UUID.randomUUID();
      sink.write(List.of(started(execution, "one")));
      kafka.stop();

      List<Event> rest = List.of(progress(execution, 2), completed(execution, 3));
      SinkUnavailableException outage =
          catchThrowableOfType(SinkUnavailableException.class, () -> sink.write(rest));
      assertThat(outage)
          .hasMessageContaining(kafka.bootstrapServers())
          .hasMessageContaining("agentlog.kafka.bootstrap-servers");
      assertThat(outage.retryDelayMin()).isZero();
      kafka.start();
      writeUntilTaken(sink, rest);

      assertThat(new LinkedHashSet<>(eventIds(kafka.records(topic), execution)))
          .containsExactly(execution + ":1", execution + ":2", execution + ":3");
    }
  }

  @Test // Fault 50
  void brokerThatIsDownAtTheStartIsFoundLater() throws Exception {
    try (Kafka kafka = Kafka.startOwn()) {
      assumeTrue(kafka.isOwned());
      kafka.createTopic("late", 1);
      kafka.stop();
      KafkaSink sink = sink(kafka, "late");
      UUID execution = UUID.randomUUID();
      List<Event> events = List.of(started(execution, "x"), progress(execution, 2));

      long before = System.nanoTime();
      assertThat(catchThrowableOfType(SinkUnavailableException.class, () -> sink.write(events)))
          .hasMessageContaining("start it");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(12));
      kafka.start();
      writeUntilTaken(sink, events);

      assertThat(eventIds(kafka.records("late"), execution))
          .containsExactly(execution + ":1", execution + ":2");
    }
  }

  @Test // Fault 51
  void missingTopicIsNamedAndFoundOnceItIsThere() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = "missing-" + UUID.randomUUID();
    KafkaSink sink = sink(kafka, topic);
    List<Event> events = List.of(progress(UUID.randomUUID(), 1), progress(UUID.randomUUID(), 1));

    assertThat(catchThrowableOfType(SinkUnavailableException.class, () -> sink.write(events)))
        .hasMessage(
            "topic %s is missing: create it, or set agentlog.kafka.create-topic=true", topic);
    assertThat(kafka.topics()).doesNotContain(topic);
    kafka.createTopic(topic, 1);
    writeUntilTaken(sink, events);

    assertThat(kafka.records(topic)).hasSize(2);
  }

  @Test // Fault 51
  void missingTopicIsCreatedWhereThatIsWanted() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = "wanted-" + UUID.randomUUID();

    writeUntilTaken(
        sink(kafka, topic, Map.of("kafka.create-topic", "true")),
        List.of(progress(UUID.randomUUID(), 1)));

    assertThat(kafka.records(topic)).hasSize(1);
  }

  @Test // Fault 52
  void eventOverTheBrokersLimitGoesWithoutItsPromptAndStaysInOrder() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = "small-" + UUID.randomUUID();
    kafka.createTopic(topic, 1, Map.of("max.message.bytes", "40000"));
    UUID execution = UUID.randomUUID();

    sink(kafka, topic)
        .write(
            List.of(
                started(execution, "p".repeat(100_000)),
                progress(execution, 2),
                completed(execution, 3)));

    List<ConsumerRecord<String, String>> records = kafka.records(topic);
    assertThat(eventIds(records, execution))
        .containsExactly(execution + ":1", execution + ":2", execution + ":3");
    JsonNode started = JSON.readTree(records.get(0).value());
    assertThat(started.has("user_prompt")).isFalse();
    assertThat(started.get("user_prompt_length").asInt()).isEqualTo(100_000);
    assertThat(started.get("metadata").get("user_prompt_truncated").asBoolean()).isTrue();
  }

  @Test // Fault 52
  void eventThatIsTooLargeWithoutAPromptIsRefusedAndTheSinkGoesOn() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = "small-" + UUID.randomUUID();
    kafka.createTopic(topic, 1, Map.of("max.message.bytes", "20000"));
    KafkaSink sink = sink(kafka, topic);
    Event large =
        new Event.Progress(
            header(UUID.randomUUID(), 1),
            "stage",
            null,
            Map.of("text", "x".repeat(30_000)),
            Map.of());

    EventRefusedException refusal =
        catchThrowableOfType(EventRefusedException.class, () -> sink.write(List.of(large)));
    sink.write(List.of(progress(UUID.randomUUID(), 1)));

    assertThat(refusal.reason()).isEqualTo("RecordTooLarge");
    assertThat(refusal).hasMessageNotContaining("xxx");
    assertThat(kafka.records(topic)).hasSize(1);
  }

  @Test
  void largestPromptThatAnEventMayHaveArrivesWhereTheBrokerTakesIt() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = "large-" + UUID.randomUUID();
    kafka.createTopic(topic, 1, Map.of("max.message.bytes", "4000000"));
    String prompt = "\u0001".repeat(256 << 10); // Six bytes of JSON each.

    sink(kafka, topic).write(List.of(started(UUID.randomUUID(), prompt)));

    assertThat(JSON.readTree(kafka.records(topic).get(0).value()).get("user_prompt").asText())
        .isEqualTo(prompt);
  }

  @Test
  void hostThatNobodyKnowsIsNamedWithItsOption() {
    KafkaSink sink = sink(Map.of("kafka.bootstrap-servers", "no-such-host.invalid:9092"));

    assertThat(
            catchThrowableOfType(
                SinkUnavailableException.class,
                () -> sink.write(List.of(progress(UUID.randomUUID(), 1)))))
        .hasMessageContaining("agentlog.kafka.bootstrap-servers=no-such-host.invalid:9092")
        .hasMessageContaining("can be resolved");
  }

  @Test
  void settingThatTheClientRefusesIsNamedWithoutItsSecrets() {
    KafkaSink sink =
        sink(
            Map.of(
                "kafka.bootstrap-servers", "localhost:1",
                "kafka.client.security.protocol", "SASL_PLAINTEXT",
                "kafka.client.sasl.mechanism", "PLAIN",
                "kafka.client.sasl.jaas.config", "PlainLoginModule username=u password=s3cret"));

    SinkUnavailableException outage =
        catchThrowableOfType(
            SinkUnavailableException.class,
            () -> sink.write(List.of(progress(UUID.randomUUID(), 1))));
    assertThat(outage)
        .hasMessageContaining("agentlog.kafka.client.*")
        .hasMessageNotContaining("s3cret");
  }

  @Test // Fault 53
  void clientSettingsForALogInReachTheClient() throws Exception {
    // The broker speaks no SASL, so the test sees only that the client tries and the message says
    // where to look.
    Kafka kafka = Backends.kafka();
    KafkaSink sink =
        sink(
            Map.of(
                "kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "kafka.client.security.protocol",
                "SASL_PLAINTEXT",
                "kafka.client.sasl.mechanism",
                "PLAIN",
                "kafka.client.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"s3cret\";"));

    assertThat(
            catchThrowableOfType(
                SinkUnavailableException.class,
                () -> sink.write(List.of(progress(UUID.randomUUID(), 1)))))
        .hasMessageContaining("agentlog.kafka.client.s")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void gzipIsUsedAndACodecThatIsNotThereIsReplacedByNone() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);

    for (String codec : List.of("gzip", "zstd")) {
      sink(kafka, topic, Map.of("kafka.client.compression.type", codec))
          .write(List.of(progress(UUID.randomUUID(), 1)));
    }

    assertThat(kafka.records(topic)).hasSize(2);
  }

  @Test
  void constructionDoesNothing() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      int threadsBefore = kafkaThreads();
      KafkaSink sink =
          sink(
              Map.of("kafka.bootstrap-servers", "127.0.0.1:" + server.getLocalPort() + ";other:1"));

      assertThat(kafkaThreads()).isEqualTo(threadsBefore);
      assertThat(sink.target())
          .isEqualTo("127.0.0.1:" + server.getLocalPort() + ",other:1/agent-execution-logs");
    }
  }

  private static int kafkaThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().contains("kafka-producer"))
            .count();
  }
}

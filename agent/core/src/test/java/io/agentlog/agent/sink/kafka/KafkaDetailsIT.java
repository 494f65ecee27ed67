package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.log.Finding;
import io.agentlog.sink.EventRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: events that tell details are on a topic of their own, and never keep others from theirs.
 * Method: the sink alone against a real broker.
 */
@Timeout(180)
class KafkaDetailsIT extends KafkaSinkFixture {
  private static final String DETAIL_TOPIC = "kafka.detail-topic";

  @Test
  void detailsAreOnTheirTopicWithIdsOfTheirOwnAndTheMainTopicIsAsWithoutThem() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    String plain = kafka.newTopic(1);
    String details = kafka.newTopic(1);
    UUID execution = UUID.randomUUID();
    UUID operation = UUID.randomUUID();

    sink(kafka, topic, Map.of(DETAIL_TOPIC, details)).write(withDetails(execution, operation));
    sink(kafka, plain).write(List.of(started(execution, "p"), completed(execution, 5)));

    List<ConsumerRecord<String, String>> onDetails = kafka.records(details);
    assertThat(onDetails)
        .extracting(record -> Kafka.header(record, "event_id"))
        .containsExactly(execution + ":2", execution + ":3", operation + ":hash");
    assertThat(onDetails)
        .extracting(record -> Kafka.header(record, "event_type"))
        .containsExactly("prompt", "file_operation", "file_hash");
    assertThat(onDetails).allSatisfy(r -> assertThat(r.key()).isEqualTo(execution.toString()));
    assertThat(bytesOf(kafka.records(topic))).isEqualTo(bytesOf(kafka.records(plain)));
  }

  @Test
  void withoutATopicForThemDetailsAreSentNowhere() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    UUID execution = UUID.randomUUID();
    KafkaSink sink = sink(kafka, topic, Map.of(DETAIL_TOPIC, ""));

    sink.write(withDetails(execution, UUID.randomUUID()));
    sink.write(List.of(prompt(execution, 9, "p")));

    assertThat(eventIds(kafka.records(topic), execution))
        .containsExactly(execution + ":1", execution + ":5");
  }

  @Test
  void missingTopicOfDetailsRefusesThemByNameAndTheOthersAreDeliveredAtOnce() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    KafkaSink sink = sink(kafka, topic, Map.of(DETAIL_TOPIC, "missing-" + UUID.randomUUID()));
    UUID first = UUID.randomUUID();
    List<Event> batch = withDetails(first, UUID.randomUUID());

    EventRefusedException refusal =
        catchThrowableOfType(EventRefusedException.class, () -> sink.write(batch));

    assertThat(refusal.refused()).containsExactlyElementsOf(batch.subList(1, 4));
    assertThat(refusal).hasMessageContaining("is missing: create it, or set");
    long begin = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      UUID next = UUID.randomUUID();
      EventRefusedException again =
          catchThrowableOfType(
              EventRefusedException.class, () -> sink.write(withDetails(next, next)));
      assertThat(again.refused()).hasSize(3);
      assertThat(eventIds(kafka.records(topic), next)).containsExactly(next + ":1", next + ":5");
    }
    // One look at a missing topic takes the client's max.block.ms, 5 s; 20 of them would take 100.
    assertThat(System.nanoTime() - begin).isLessThan(60_000_000_000L);
    assertThat(eventIds(kafka.records(topic), first)).contains(first + ":1", first + ":5");
  }

  @Test
  void missingTopicOfDetailsIsCreatedIfThatIsAllowed() throws Exception {
    Kafka kafka = Backends.kafka();
    String details = "details-" + UUID.randomUUID();
    UUID execution = UUID.randomUUID();
    KafkaSink sink =
        sink(kafka, kafka.newTopic(1), Map.of(DETAIL_TOPIC, details, "kafka.create-topic", "true"));

    writeUntilTaken(sink, withDetails(execution, UUID.randomUUID()));

    assertThat(eventIds(kafka.records(details), execution)).contains(execution + ":2");
  }

  @Test
  void promptThatIsTooLargeForTheBrokerIsSentWithoutItsTexts() throws Exception {
    Kafka kafka = Backends.kafka();
    String details = kafka.newTopic(1);
    UUID execution = UUID.randomUUID();

    sink(kafka, kafka.newTopic(1), Map.of(DETAIL_TOPIC, details))
        .write(List.of(prompt(execution, 2, "canary".repeat(300_000))));

    ConsumerRecord<String, String> record = kafka.records(details).get(0);
    assertThat(record.value()).doesNotContain("canary").contains("\"user_prompt_truncated\":true");
  }

  @Test
  void checkLooksAtTheTopicOfDetailsOnlyWhereThereMayBeSome() {
    Kafka kafka = Backends.kafka();
    Properties settings = new Properties();
    settings.setProperty("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers());
    settings.setProperty("agentlog.kafka.topic", kafka.newTopic(1));
    settings.setProperty("agentlog.kafka.detail-topic", "not-there");

    assertThat(check(settings)).noneMatch(line -> line.contains("not-there"));
    settings.setProperty("agentlog.files", "true");
    assertThat(check(settings)).anyMatch(line -> line.contains("topic not-there is missing"));
  }

  private static List<String> check(Properties settings) {
    Config config = ConfigLoader.load(null, settings, Map.of());
    return new TopicCheck(config).run().stream().map(Finding::toString).toList();
  }

  /** Value and headers of the records, apart from their place and time. */
  private static List<String> bytesOf(List<ConsumerRecord<String, String>> records) {
    return records.stream().map(r -> r.key() + r.value() + r.headers()).toList();
  }

  private List<Event> withDetails(UUID execution, UUID operation) {
    List<Event> events = new ArrayList<>();
    events.add(started(execution, "p"));
    events.add(prompt(execution, 2, "p"));
    events.add(
        new Event.FileOperation(
            header(execution, 3),
            operation,
            io.agentlog.event.FileOperationType.READ,
            "/srv/a",
            "ab".repeat(32),
            1L,
            1L,
            0L,
            null,
            null,
            true,
            null,
            null,
            3L,
            Map.of(),
            Map.of()));
    events.add(
        new Event.FileHash(header(execution, 3), operation, null, "cd".repeat(32), 1L, Map.of()));
    events.add(completed(execution, 5));
    return events;
  }

  private Event prompt(UUID execution, int seq, String text) {
    Event event =
        new Event.Prompt(
            header(execution, seq),
            UUID.randomUUID(),
            text,
            text.length(),
            "0".repeat(64),
            null,
            null,
            null,
            Map.of());
    assertThat(EventJsonWriter.write(event)).isNotEmpty();
    return event;
  }
}

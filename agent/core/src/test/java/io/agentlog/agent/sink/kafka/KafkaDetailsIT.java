package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import io.agentlog.json.EventJsonWriter;
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
  void callOfAModelIsADetailAndTheTotalsAreOnBothTopics() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    String details = kafka.newTopic(1);
    UUID execution = UUID.randomUUID();
    UsageTotals totals =
        new UsageTotals("m-1", 1, 0, new TokenCounts(12L, 5L, null, null, null), 1L, "USD");
    String json =
        "\"totals\":{\"model\":\"m-1\",\"model_calls\":1,\"tool_calls\":0,\"input_tokens\":12,"
            + "\"output_tokens\":5,\"cost\":0.000000001,\"cost_currency\":\"USD\"}";

    sink(kafka, topic, Map.of(DETAIL_TOPIC, details))
        .write(
            List.of(
                started(execution, "p"),
                new Event.ModelCall(header(execution, 2), null, call(totals)),
                new Event.Progress(
                    header(execution, 3), "tool:add", null, Map.of(), Map.of(), totals)));

    ConsumerRecord<String, String> call = kafka.records(details).get(0);
    assertThat(Kafka.header(call, "event_id")).isEqualTo(execution + ":2");
    assertThat(Kafka.header(call, "event_type")).isEqualTo("model_call");
    assertThat(call.value()).contains(json);
    List<ConsumerRecord<String, String>> others = kafka.records(topic);
    assertThat(eventIds(others, execution)).containsExactly(execution + ":1", execution + ":3");
    assertThat(others.get(0).value()).doesNotContain("totals");
    assertThat(others.get(1).value()).contains(json);
  }

  private static ModelCallValues call(UsageTotals totals) {
    return new ModelCallValues(
        "langchain4j",
        null,
        "m-1",
        "m-1",
        false,
        1_000,
        -1,
        totals.tokens(),
        "stop",
        null,
        null,
        1L,
        "USD",
        "v",
        totals,
        Map.of());
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
  void checkWarnsOfTheTopicOfDetailsUnlessThereAreNoneOrThereAreSome() {
    Kafka kafka = Backends.kafka();
    Properties settings = new Properties();
    settings.setProperty("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers());
    String topic = "t-" + UUID.randomUUID();
    kafka.createTopic(topic, 1, Map.of("max.message.bytes", "2097152"));
    settings.setProperty("agentlog.kafka.topic", topic);
    settings.setProperty("agentlog.kafka.detail-topic", "not-there");
    settings.setProperty("agentlog.kafka.instances-topic", "");

    assertThat(levels(settings)).containsExactly("OK", "OK", "WARN not-there");
    settings.setProperty("agentlog.frameworks", "off");
    assertThat(levels(settings)).containsExactly("OK", "OK");
    settings.setProperty("agentlog.files", "true");
    assertThat(levels(settings)).containsExactly("OK", "OK", "WRONG not-there");
  }

  private static List<String> levels(Properties settings) {
    Config config = ConfigLoader.load(null, settings, Map.of());
    return new TopicCheck(config)
        .run().stream()
            .map(
                f ->
                    f.level()
                        + (f.text().contains("topic not-there is missing") ? " not-there" : ""))
            .toList();
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

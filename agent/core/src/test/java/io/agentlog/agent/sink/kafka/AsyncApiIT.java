package io.agentlog.agent.sink.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.config.Options;
import io.agentlog.event.Event;
import io.agentlog.event.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Goal: {@code docs/events/asyncapi.yaml} says where which messages are, with which key and
 * headers. Method: the sink sends an event of every type to a real broker; each record is held
 * against the document, and each message of the document has to come.
 */
@Timeout(180)
class AsyncApiIT extends KafkaSinkFixture {
  private static final Path DOCS = Path.of("../../docs/events");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyRecordIsAMessageOfItsChannelAndEveryMessageComes() throws Exception {
    JsonNode document = document();
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(2);
    String detailTopic = kafka.newTopic(2);
    List<Event> events = new ArrayList<>(SampleEvents.documented());
    events.add(SampleEvents.shutDown(5));

    sink(kafka, topic, Map.of("kafka.detail-topic", detailTopic)).write(events);

    assertMessages(document, "executions", kafka.records(topic));
    assertMessages(document, "details", kafka.records(detailTopic));
  }

  @Test
  void channelsAreTheTopicsThatTheOptionsNameByDefault() throws IOException {
    JsonNode document = document();
    assertThat(address(document, "executions")).isEqualTo(Options.KAFKA_TOPIC.defaultText());
    assertThat(address(document, "details")).isEqualTo(Options.KAFKA_DETAIL_TOPIC.defaultText());
    assertThat(document.get("asyncapi").asText()).isEqualTo("3.0.0");
  }

  @Test
  void everyReferenceLeadsSomewhere() throws IOException {
    JsonNode document = document();
    assertThat(document.findValuesAsText("$ref"))
        .hasSizeGreaterThan(20)
        .allSatisfy(reference -> assertThat(target(document, reference).isObject()).isTrue());
  }

  private static void assertMessages(
      JsonNode document, String channel, List<ConsumerRecord<String, String>> records)
      throws IOException {
    JsonNode messages = document.at("/channels/" + channel + "/messages");
    Set<String> came = new TreeSet<>();
    for (ConsumerRecord<String, String> record : records) {
      String type = String.valueOf(Kafka.header(record, "event_type"));
      came.add(type);
      assertThat(messages.has(type)).as("%s has %s", channel, type).isTrue();
      JsonNode message = target(document, messages.get(type).get("$ref").asText());
      JsonNode trait = target(document, message.at("/traits/0/$ref").asText());

      assertThat(message.get("name").asText()).isEqualTo(type);
      assertThat(problems(record.value(), target(document, message.at("/payload/$ref").asText())))
          .as("value of %s", type)
          .isEmpty();
      assertThat(problems(JSON.writeValueAsString(record.key()), trait.at("/bindings/kafka/key")))
          .as("key of %s", type)
          .isEmpty();
      assertThat(JSON.readTree(record.value()).get("correlation_id").asText())
          .as("what the key is said to be: %s", trait.at("/bindings/kafka/key/description"))
          .isEqualTo(record.key());
      Map<String, String> headers = new TreeMap<>();
      for (Header header : record.headers()) {
        headers.put(header.key(), new String(header.value(), UTF_8));
      }
      JsonNode declared = trait.get("headers");
      assertThat(problems(JSON.writeValueAsString(headers), declared)).as("headers").isEmpty();
      assertThat(headers.keySet()).isEqualTo(names(declared.get("properties")));
    }
    assertThat(came).as("messages of %s that came", channel).isEqualTo(names(messages));
  }

  private static List<String> problems(String json, JsonNode schema) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(schema.toString(), InputFormat.JSON)
        .validate(
            json,
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Object::toString)
        .toList();
  }

  /** Within the document, or a file beside it. */
  private static JsonNode target(JsonNode document, String reference) {
    try {
      return reference.startsWith("#")
          ? document.at(reference.substring(1))
          : JSON.readTree(DOCS.resolve(reference).toFile());
    } catch (IOException e) {
      throw new AssertionError(reference, e);
    }
  }

  private static String address(JsonNode document, String channel) {
    return document.at("/channels/" + channel + "/address").asText();
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    for (Iterator<String> each = node.fieldNames(); each.hasNext(); ) {
      names.add(each.next());
    }
    return names;
  }

  private static JsonNode document() throws IOException {
    Object yaml =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(DOCS.resolve("asyncapi.yaml")));
    return JSON.valueToTree(yaml);
  }
}

package io.agentlog.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.SampleEvents;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.heartbeat.HeartbeatTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class EventJsonWriterTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void startedCarriesTheColumnsOfItsRowAndLeavesNullsOut() {
    assertThat(text(SampleEvents.started(SampleEvents.header(1, 0), "Grüße, 😀")))
        .isEqualTo(
            "{'event_type':'started','schema_version':1,"
                .concat("'execution_id':'019b7cde-0a63-7b41-9d52-3f6c8e21a7b0','seq':1,")
                .concat("'timestamp':'2026-01-02T03:04:05.123456Z','status':'in_progress',")
                .concat("'agent_name':'invoice-agent',")
                .concat("'correlation_id':'46298508-dc0d-500c-9be0-fc9a22cf8319',")
                .concat("'session_id':'4f1c2d3e-5b6a-4789-8abc-def012345678',")
                .concat("'instance_id':'019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11',")
                .concat("'started_at':'2026-01-02T03:04:05.123456Z','user_prompt':'Grüße, 😀',")
                .concat("'user_prompt_length':8,'user_prompt_sha256':")
                .concat("'118d8a865f292ec7874119dc94ebb87e0d7a9208dacb49adb0c62bbb1d8d1439',")
                .concat("'project_path':'/srv/invoices','project_name':'invoices',")
                .concat(
                    "'parent_execution_id':'019b7cde-0a60-7d15-b3f8-0c9a1e5d7b24','kind':'method',")
                .concat("'metadata':{'tenant':'acme','correlation_id_raw':'order-4711'}}")
                .replace('\'', '"'));
  }

  @Test
  void progressStandsInTheMetadataBesideTheKeysOfTheExecution() {
    Event event =
        new Event.Progress(
            SampleEvents.header(2, 1_000),
            "search",
            null,
            Map.of("percent", "half", "stage", "mine"),
            Map.of("tenant", "acme", "progress", "mine"));

    JsonNode metadata = tree(event).get("metadata");

    assertThat(metadata.get("tenant").asString()).isEqualTo("acme");
    assertThat(metadata.get("progress"))
        .isEqualTo(
            JSON.readTree("{\"stage\":\"search\",\"updated_at\":\"2026-01-02T03:04:05.123457Z\"}"));
  }

  @Test
  void provisionalEndSaysSoAndAddsNoMetadata() {
    JsonNode json = tree(SampleEvents.shutDown(1_999_999));

    assertThat(json.get("provisional").asBoolean()).isTrue();
    assertThat(json.get("error_type").asString()).isEqualTo("JvmShutdown");
    assertThat(json.get("duration_ms").asInt()).isEqualTo(1);
    assertThat(json.get("duration_us").asInt()).isEqualTo(1_999);
    assertThat(json.get("metadata").isEmpty()).isTrue();
    assertThat(tree(SampleEvents.completed()).has("provisional")).isFalse();
  }

  @Test
  void durationInMillisecondsSaturates() {
    JsonNode json = tree(SampleEvents.shutDown(Long.MAX_VALUE));

    assertThat(json.get("duration_ms").asLong()).isEqualTo(Integer.MAX_VALUE);
    assertThat(json.get("duration_us").asLong()).isEqualTo(Long.MAX_VALUE / 1_000);
  }

  @Test // Fault 52
  void eventWithoutItsPromptKeepsLengthAndHashAndIsFlagged() {
    Event started = SampleEvents.started(SampleEvents.header(1, 0), "x".repeat(100_000));
    JsonNode json = JSON.readTree(EventJsonWriter.writeWithoutPrompt(started));
    JsonNode decision =
        JSON.readTree(EventJsonWriter.writeWithoutPrompt(SampleEvents.routingDecision("x")));

    assertThat(json.has("user_prompt")).isFalse();
    assertThat(json.get("user_prompt_length").asInt()).isEqualTo(100_000);
    assertThat(json.has("user_prompt_sha256")).isTrue();
    assertThat(json.get("metadata").get("user_prompt_truncated").asBoolean()).isTrue();
    assertThat(decision.has("user_request")).isFalse();
    assertThat(decision.get("metadata").get("user_request_truncated").asBoolean()).isTrue();
    assertThat(problems(json)).isEmpty();
    assertThat(problems(decision)).isEmpty();
  }

  @Test
  void eventWithoutAPromptIsNotFlagged() {
    Event started = SampleEvents.started(SampleEvents.header(1, 0), null);

    assertThat(EventJsonWriter.hasPrompt(started)).isFalse();
    assertThat(EventJsonWriter.writeWithoutPrompt(started))
        .isEqualTo(EventJsonWriter.write(started));
  }

  @Test // Fault 59
  void numberThatJsonLacksIsLeftOut() {
    Event event =
        new Event.Completed(
            SampleEvents.header(2, 0),
            io.agentlog.event.Status.SUCCESS,
            io.agentlog.event.End.COMPLETED,
            null,
            null,
            Double.NaN,
            Map.of());

    assertThat(tree(event).has("quality_score")).isFalse();
  }

  @Test
  void everyEventMeetsItsSchemaAndHasNoFieldThatTheSchemaDoesNotDeclare() {
    List<Event> events = new ArrayList<>(SampleEvents.documented());
    events.add(SampleEvents.shutDown(5));
    events.add(SampleEvents.started(SampleEvents.header(1, 0), null));
    events.add(SampleEvents.progress(SampleEvents.header(9, 1), "x"));
    for (Event event : events) {
      JsonNode json = tree(event);
      TreeSet<String> declared = new TreeSet<>(EventSchemas.fields("common"));
      declared.addAll(EventSchemas.fields(event.type().wireName()));

      assertThat(problems(json)).as("%s", json).isEmpty();
      assertThat(declared).containsAll(json.propertyNames());
    }
  }

  @Test
  void schemaRefusesWhatIsNoEventOfItsType() {
    JsonNode json = tree(SampleEvents.completed());

    assertThat(
            EventSchemas.problems(
                json.toString().replace("\"success\"", "\"in_progress\""), "completed"))
        .isNotEmpty();
    assertThat(EventSchemas.problems(json.toString().replace(".164706Z", "Z"), "completed"))
        .isNotEmpty();
    assertThat(EventSchemas.problems("{}", "completed")).isNotEmpty();
  }

  @Test
  void examplesOfTheDocumentationAreWhatIsWritten() throws IOException {
    Matcher blocks =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(EventSchemas.DOCS.resolve("README.md")));
    List<JsonNode> examples = new ArrayList<>();
    while (blocks.find()) {
      examples.add(JSON.readTree(blocks.group(1)));
    }

    List<JsonNode> written =
        new ArrayList<>(SampleEvents.documented().stream().map(EventJsonWriterTest::tree).toList());
    written.add(JSON.readTree(HeartbeatTest.sample(Heartbeat.State.ALIVE).write()));
    assertThat(examples).isEqualTo(written);
  }

  private static String text(Event event) {
    return new String(EventJsonWriter.write(event), UTF_8);
  }

  private static JsonNode tree(Event event) {
    return JSON.readTree(EventJsonWriter.write(event));
  }

  private static List<String> problems(JsonNode json) {
    return EventSchemas.problems(json.toString(), json.get("event_type").asString());
  }
}

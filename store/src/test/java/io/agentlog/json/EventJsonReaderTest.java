package io.agentlog.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.event.SampleEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventJsonReaderTest {
  @Test
  void everyEventThatWasReadIsWrittenAsItWasBefore() throws Exception {
    List<Event> events =
        new ArrayList<>(new ExecutionEvents(UUID.randomUUID(), true).withModelCall());
    events.addAll(new ExecutionEvents(UUID.randomUUID(), false).withModelCall());
    events.addAll(SampleEvents.documented());

    for (Event event : events) {
      byte[] line = EventJsonWriter.write(event);
      Map<String, Object> parsed = JsonReader.parse(line);
      assertThat(EventJsonReader.isOwn(parsed)).isTrue();
      Event read = EventJsonReader.read(parsed);
      assertThat(new String(EventJsonWriter.write(read), UTF_8)).isEqualTo(new String(line, UTF_8));
      if (event instanceof Event.Completed completed) {
        assertThat(((Event.Completed) read).end()).isEqualTo(completed.end());
      }
    }
  }

  @Test
  void eventWithoutItsPromptKeepsWhatIsKnownOfIt() throws Exception {
    Event event = SampleEvents.started(SampleEvents.header(1, 0), "prompt");

    Event.Started read =
        (Event.Started)
            EventJsonReader.read(JsonReader.parse(EventJsonWriter.writeWithoutPrompt(event)));

    assertThat(read.prompt()).isNull();
    assertThat(read.promptLength()).isEqualTo(6);
    assertThat(read.metadata()).containsEntry("user_prompt_truncated", true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"schema_version\":1|\"schema_version\":2|its schema_version is not 1: read it with the"
            + " agentlog that wrote it, or a newer one",
        "\"schema_version\":1|\"schema\":1|it has no schema_version, which every event of agentlog"
            + " has",
        "\"event_type\":\"progress\"|\"event_type\":\"paused\"|unknown event_type",
        "\"seq\":5|\"seq\":0|no seq, or seq is below 1 or too large",
        "\"seq\":5|\"seq\":99999999999|no seq, or seq is below 1 or too large",
        "\"execution_id\":\"0|\"execution_id\":\"x|no UUID in execution_id",
        "\"timestamp\":\"2026|\"timestamp\":\"then 2026|no time in timestamp",
        "\"timestamp\":\"2026|\"timestamp\":\"2025|timestamp is before started_at, or centuries"
            + " after it",
        "\"stage\":\"late\"|\"stage\":null|no stage",
        "\"instance_id\"|\"instance\"|no instance_id",
      })
  void lineThatLacksSomethingIsBroken(String part, String instead, String why) {
    String line =
        new String(
            EventJsonWriter.write(SampleEvents.progress(SampleEvents.header(5, 9), "late")), UTF_8);
    assertThat(line).contains(part);

    assertThatThrownBy(
            () ->
                EventJsonReader.read(JsonReader.parse(line.replace(part, instead).getBytes(UTF_8))))
        .isInstanceOf(BrokenLineException.class)
        .hasMessage(why);
  }
}

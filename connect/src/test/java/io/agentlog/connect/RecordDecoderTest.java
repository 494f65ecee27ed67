package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.json.EventJsonWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordDecoderTest {
  private static final Event EVENT =
      new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, 1), false).progress(1);

  private static final Heartbeat HEARTBEAT =
      new Heartbeat(
          UUID.randomUUID(), "router", Instant.EPOCH, Heartbeat.State.ALIVE, "events", 12);

  @Test
  void valueIsReadAsBytesAndAsText() throws RefusedRecordException {
    byte[] json = EventJsonWriter.write(EVENT);
    LoadedRecord bytes = RecordDecoder.decode(record(json));
    LoadedRecord text = RecordDecoder.decode(record(new String(json, UTF_8)));

    assertThat(bytes.event().eventId()).isEqualTo(EVENT.eventId());
    assertThat(bytes.event().header().startedAt()).isEqualTo(EVENT.header().startedAt());
    assertThat(bytes.sizeBytes()).isEqualTo(json.length);
    assertThat(text.event()).isEqualTo(bytes.event());
  }

  @Test
  void placeIsThatInKafkaWhateverATransformationMadeOfIt() {
    SinkRecord routed =
        new SinkRecord("new", 0, null, null, null, null, 17, null, null, List.of(), "old", 3, 17);
    assertThat(RecordDecoder.place(routed)).isEqualTo("old-3 offset 17");
  }

  @Test
  void tombstoneHasNoEvent() throws RefusedRecordException {
    assertThat(RecordDecoder.decode(record(null))).isNull();
  }

  /** Connect copies the reason into headers of the dead letter queue, which others may read. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{broken geheim",
        "[\"geheim\"]",
        "{\"geheim\":1}",
        "{\"schema_version\":2,\"event_type\":\"started\",\"user_prompt\":\"geheim\"}",
        "{\"schema_version\":1,\"event_type\":\"geheim\"}"
      })
  void reasonOfARefusalNamesThePlaceAndNoValue(String value) {
    assertThatThrownBy(() -> RecordDecoder.decode(record(value)))
        .isInstanceOf(RefusedRecordException.class)
        .hasMessageContaining("events-3 offset 17")
        .hasMessageNotContaining("geheim")
        .hasNoCause();
  }

  @Test
  void valueThatAConverterHasChangedEndsTheTaskWithTheSetting() {
    assertThatThrownBy(() -> RecordDecoder.decode(record(Map.of("event_type", "started"))))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("value.converter=")
        .hasMessageContaining("ByteArrayConverter");
  }

  @Test
  void heartbeatAmongEventsIsToldByName() {
    assertThatThrownBy(() -> RecordDecoder.decode(record(HEARTBEAT.write())))
        .isInstanceOf(RefusedRecordException.class)
        .hasMessageContaining("events-3 offset 17 is a heartbeat")
        .hasMessageContaining("instances.topic");
  }

  @Test
  void eventAmongHeartbeatsIsToldByName() throws RefusedRecordException {
    assertThatThrownBy(() -> RecordDecoder.heartbeat(record(EventJsonWriter.write(EVENT))))
        .isInstanceOf(RefusedRecordException.class)
        .hasMessageContaining("events-3 offset 17 is no heartbeat")
        .hasMessageContaining("instances.topic")
        .hasNoCause();
    assertThat(RecordDecoder.heartbeat(record(HEARTBEAT.write()))).isEqualTo(HEARTBEAT);
    assertThat(RecordDecoder.heartbeat(record(null))).isNull();
  }

  private static SinkRecord record(Object value) {
    return new SinkRecord("events", 3, null, null, null, value, 17);
  }
}

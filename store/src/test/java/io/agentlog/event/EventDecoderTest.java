package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the decoder refuses, cleans and flags. */
class EventDecoderTest {
  @Test
  void recordShorterThanAHeaderOrOfAnotherFormatIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestRecords.DECODER.decode(new byte[39]))
        .withMessage("not an event of format 1 or 2, 39 bytes");
    byte[] later = progress();
    later[Wire.FORMAT_OFFSET] = 3;
    assertRefused(later, "not an event of format 1 or 2, %d bytes".formatted(later.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, -1})
  void unknownEventTypeIsRefused(int type) {
    byte[] record = progress();
    record[Wire.TYPE_OFFSET] = (byte) type;

    assertRefused(record, "unknown event type " + type);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestRecords.DECODER.summary(record))
        .withMessage("unknown event type " + type);
  }

  @Test
  void unknownStatusOrEndIsRefused() {
    assertRefused(
        record(begin(EventType.COMPLETED).putByte(9).putByte(End.COMPLETED.bit()).putDouble(0)),
        "unknown status 9");
    assertRefused(
        record(begin(EventType.COMPLETED).putByte(Status.FAILED.code()).putByte(5).putDouble(0)),
        "unknown end 5");
  }

  @Test
  void eventWithoutAFieldThatItMustHaveIsRefused() {
    EventBuffer nameless = new EventBuffer().begin(EventType.PROGRESS, 1, 2, 1, 0, 0).putAbsent();
    assertRefused(
        record(nameless.putIdentifier("T-1").putAbsent()),
        "an event without agent name or correlation ID");
    EventBuffer unrelated = new EventBuffer().begin(EventType.PROGRESS, 1, 2, 1, 0, 0);
    assertRefused(
        record(unrelated.putText("router", 99).putAbsent().putAbsent()),
        "an event without agent name or correlation ID");
    assertRefused(
        record(begin(EventType.PROGRESS).putInt(1).putAbsent().putAbsent().putAbsent()),
        "a progress event without a stage");
    EventBuffer decision = begin(EventType.ROUTING_DECISION).putAbsent().putInt(1).putByte(0);
    for (int i = 0; i < 5; i++) {
      decision.putDouble(0);
    }
    for (int i = 0; i < 5; i++) {
      decision.putAbsent();
    }
    assertRefused(record(decision), "a routing decision without an ID");
  }

  @Test
  void bytesAfterTheLastFieldAreRefused() {
    byte[] record = progress();

    assertRefused(Arrays.copyOf(record, record.length + 3), "3 bytes after the last field");
  }

  @Test
  void recordThatEndsInsideAFieldIsRefusedWithItsLength() {
    byte[] shorter = Arrays.copyOf(progress(), 44);

    assertThatThrownBy(() -> TestRecords.DECODER.summary(shorter))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("record of 44 bytes ends inside a field")
        .hasCauseInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void impossibleHeaderIsRefused() {
    byte[] record = progress();
    Wire.INT_LE.set(record, Wire.SEQ_OFFSET, 0);
    assertRefused(record, "seq must be at least 1, was 0");
    Wire.INT_LE.set(record, Wire.SEQ_OFFSET, 1);
    Wire.LONG_LE.set(record, Wire.ELAPSED_OFFSET, -1L);
    assertRefused(record, "elapsedNanos must not be negative, was -1");
  }

  @Test
  void damagedValueIsRefusedBeforeAnythingIsAllocated() {
    assertRefused(record(begin().putByte(Wire.LIST).putInt(1)), "metadata is not a map");
    assertRefused(
        record(begin().putByte(Wire.MAP).putInt(Integer.MAX_VALUE)),
        "a count of 2147483647 exceeds the bytes that are left");
    assertRefused(
        record(begin().putByte(Wire.MAP).putInt(-1)),
        "a count of -1 exceeds the bytes that are left");
    assertRefused(
        record(begin(EventType.PROGRESS).putInt(1).putByte(Wire.LATIN1).putInt(5).putByte('x')),
        "a text of 5 bytes where fewer are left");
    assertRefused(
        record(begin(EventType.PROGRESS).putInt(1).putByte(Wire.LATIN1).putInt(-1)),
        "a text of -1 bytes where fewer are left");
    assertRefused(
        record(begin(EventType.PROGRESS).putInt(1).putByte(Wire.UTF16).putInt(1).putByte('x')),
        "a text of 1 bytes where fewer are left");
    assertRefused(record(begin(EventType.PROGRESS).putInt(1).putByte(11)), "unknown tag 11");
  }

  @Test
  void valueThatIsNestedTooDeepIsRefused() {
    EventBuffer buffer = begin().putByte(Wire.MAP).putInt(1).putText("k", 9);
    for (int depth = 1; depth <= Wire.DEPTH_MAX; depth++) {
      buffer.putByte(Wire.LIST).putInt(1);
    }

    assertRefused(record(buffer.putByte(Wire.TRUE)), "a value nested deeper than 16");
  }

  @Test
  void kindOfALaterAgentlogIsUnknownAndItsStartIsDeliveredAllTheSame() {
    EventEncoder encoder =
        TestRecords.begin(EventType.STARTED)
            .noParent()
            .started(Event.Kind.METHOD, null, null, null, null, null);
    encoder.prompt("p");
    byte[] record = TestRecords.bytes(encoder);
    record[Wire.SPARE_OFFSET] = 77;

    Event.Started started = (Event.Started) TestRecords.DECODER.decode(record);

    assertThat(started.kind()).isNull();
    assertThat(started.prompt()).isEqualTo("p");
  }

  @Test
  void textOfAMachineWithTheHighByteFirstIsRead() {
    EventBuffer buffer = begin(EventType.PROGRESS).putInt(1).putByte(Wire.UTF16).putInt(2);
    byte[] record = record(buffer.putByte(0x4e).putByte(0x2d).putAbsent().putAbsent());
    record[Wire.FLAGS_OFFSET] = Wire.FLAG_BIG_ENDIAN;
    assertThat(((Event.Progress) TestRecords.DECODER.decode(record)).stage()).isEqualTo("\u4e2d");
    record[Wire.FLAGS_OFFSET] = 0;
    assertThat(((Event.Progress) TestRecords.DECODER.decode(record)).stage()).isEqualTo("\u2d4e");
  }

  @Test
  void cacheHitOfADecisionIsReadFromItsOwnBits() {
    assertThat(cacheHit(0)).isNull();
    assertThat(cacheHit(1)).isFalse();
    assertThat(cacheHit(2)).isTrue();
    assertThat(cacheHit(Wire.HASHED_REQUEST)).isNull();
    assertThat(cacheHit(Wire.HASHED_REQUEST + 1)).isFalse();
    assertThat(cacheHit(Wire.HASHED_REQUEST + 2)).isTrue();
  }

  @Test
  void cleanedTextAnywhereInAValueFlagsItsKey() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(1, "stage", null, Map.of("k", List.of("fine", Map.of("x", "a\0"))));

    assertThat(((Event.Progress) TestRecords.decoded(encoder)).metadata())
        .isEqualTo(Map.of("k", List.of("fine", Map.of("x", "a\u2400")), "k_sanitized", true));
  }

  @Test
  void cleanedKeyIsFlaggedUnderItsCleanName() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(1, "stage", null, Map.of("k\0", 1L));

    assertThat(((Event.Progress) TestRecords.decoded(encoder)).metadata())
        .isEqualTo(Map.of("k\u2400", 1L, "k\u2400_sanitized", true));
  }

  @Test
  void cleanedStageIsFlaggedInTheMetadataOfTheStageAlone() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(1, "a\0".repeat(51), Map.of("own", 1L), Map.of("all", 2L));

    Event.Progress progress = (Event.Progress) TestRecords.decoded(encoder);

    assertThat(progress.stage()).isEqualTo("a\u2400".repeat(50)); // Cut, then cleaned.
    assertThat(progress.stageMetadata())
        .isEqualTo(Map.of("own", 1L, "stage_truncated", true, "stage_sanitized", true));
    assertThat(progress.metadata()).isEqualTo(Map.of("all", 2L));
  }

  @Test
  void provisionalEndHasNoMetadataWhateverItsRecordHolds() {
    EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
    encoder.completed(Status.CANCELLED, End.SHUT_DOWN, Double.NaN, "a\0", null, Map.of("k", "v"));

    assertThat(((Event.Completed) TestRecords.decoded(encoder)).metadata()).isEmpty();
  }

  @Test
  void sessionOfAnEventIsItsOwnOrTheInstance() {
    UUID session = new UUID(3, 4);
    assertThat(TestRecords.DECODER.decode(progress()).header().session())
        .isEqualTo(Identifier.of(TestRecords.INSTANCE));
    assertThat(withSession(session)).isEqualTo(Identifier.of(session));
    assertThat(withSession("S-1")).isEqualTo(Identifier.of("S-1"));
  }

  @Test
  void summaryIsTypeAndHeaderAndLooksAtNothingBehind() {
    byte[] record = progress();
    byte[] damaged = Arrays.copyOf(record, record.length - 1);

    assertThat(TestRecords.DECODER.summary(damaged))
        .isEqualTo(new EventSummary(EventType.PROGRESS, TestRecords.header()));
    assertRefused(damaged, "record of %d bytes ends inside a field".formatted(damaged.length));
  }

  @Test
  void decodedValuesCannotBeChanged() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(
        1, "stage", Map.of("k", 1L), Map.of("list", List.of(1L), "map", Map.of("k", 1L)));
    Event.Progress progress = (Event.Progress) TestRecords.decoded(encoder);
    Map<String, Object> metadata = progress.metadata();

    assertThat(progress.stageMetadata()).isUnmodifiable();
    assertThat(metadata).isUnmodifiable();
    assertThat((List<?>) metadata.get("list")).isUnmodifiable();
    assertThat((Map<?, ?>) metadata.get("map")).isUnmodifiable();
  }

  private static Boolean cacheHit(int flags) {
    EventBuffer buffer = begin(EventType.ROUTING_DECISION).putUuid(1, 2).putInt(1).putByte(flags);
    for (int i = 0; i < 5; i++) {
      buffer.putDouble(Double.NaN);
    }
    for (int i = 0; i < 5; i++) {
      buffer.putAbsent();
    }
    return ((Event.RoutingDecision) TestRecords.DECODER.decode(record(buffer))).cacheHit();
  }

  private static Identifier withSession(Object session) {
    EventBuffer buffer = new EventBuffer().begin(EventType.PROGRESS, 1, 2, 1, 0, 0);
    buffer.putText("router", 99).putIdentifier("T-1").putIdentifier(session);
    return TestRecords.DECODER.summary(record(buffer)).header().session();
  }

  private static EventBuffer begin(EventType type) {
    return TestRecords.begin(type).buffer();
  }

  /** Begins a progress event whose last field is to be added. */
  private static EventBuffer begin() {
    return begin(EventType.PROGRESS).putInt(1).putText("stage", 99).putAbsent();
  }

  private static byte[] progress() {
    return record(begin().putAbsent());
  }

  private static byte[] record(EventBuffer buffer) {
    return TestRecords.bytes(buffer);
  }

  private static void assertRefused(byte[] record, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestRecords.DECODER.decode(record))
        .withMessage(message);
  }
}

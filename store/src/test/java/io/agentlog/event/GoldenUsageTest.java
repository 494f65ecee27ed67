package io.agentlog.event;

import static io.agentlog.event.GoldenRecordsTest.assertBytesAndEvent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As {@link GoldenRecordsTest}, for calls of models and the fields that came with them. */
class GoldenUsageTest {
  private static final String COMMON = GoldenRecordsTest.COMMON;
  private static final UUID ID = UUID.fromString("01890a5d-0000-7000-8000-00000000000a");
  private static final String ID_BYTES = "03 007000005d0a8901 0a00000000000080\n";

  private static final UsageTotals TOTALS =
      new UsageTotals("m-1", 2, 3, new TokenCounts(10L, 20L, 0L, null, 5L), 1_500L, "USD");

  private static final String TOTALS_DRAWN =
      """
      02000000 03000000                    # calls of models, of tools
      0a00000000000000 1400000000000000    # input, output
      0000000000000000 ffffffffffffffff    # read from a cache; written to it: not known
      0500000000000000                     # reasoning
      dc05000000000000                     # cost in billionths
      01 03000000 6d2d31                   # model "m-1"
      01 03000000 555344                   # currency "USD"
      """;

  @BeforeEach
  void bytesAreThoseOfAMachineWithTheLowByteFirst() {
    assumeThat(RawStrings.BIG_ENDIAN).isFalse();
  }

  @Test
  void modelCallHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.MODEL_CALL);
    encoder.modelCall(ID, values());
    String drawn =
        "02 09"
            + COMMON
            + ID_BYTES // The outermost execution.
            + """
            01                                   # streaming
            0201000000000000 0700000000000000    # duration, first token in microseconds
            0a00000000000000 1400000000000000    # input, output
            0000000000000000 ffffffffffffffff    # read from a cache; written to it: not known
            0500000000000000                     # reasoning
            ffffffffffffffff                     # cost: not known
            01 01000000 66  01 01000000 70       # framework "f", provider "p"
            00              01 01000000 72       # model asked for: not known; "r" answered
            01 01000000 73                       # finish reason "s"
            01 01000000 45  01 02000000 6e6f     # error type "E", message "no"
            00 00                                # currency, version of the prices
            0a 01000000 01 01000000 6b 04        # metadata: k is true
            """
            + TOTALS_DRAWN;

    assertBytesAndEvent(encoder, drawn, new Event.ModelCall(TestRecords.header(), ID, values()));
  }

  @Test
  void startedEventWithARootHasTheBytesThatJournalsHold() {
    EventEncoder encoder =
        TestRecords.begin(EventType.STARTED)
            .noParent()
            .root(ID.getMostSignificantBits(), ID.getLeastSignificantBits())
            .started(Event.Kind.AI_SERVICE, null, null, null, null, null);
    encoder.prompt(null);
    String drawn =
        "02 01"
            + COMMON.replaceFirst("00 00", "00 01") // The kind.
            + "00\n"
            + ID_BYTES
            + "00 00 00 00 00 00 00 # nothing from the project's path to the metadata\n"
            + "ffffffff 00          # no prompt\n";

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Started(
            TestRecords.header(),
            Event.Kind.AI_SERVICE,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            ID,
            null,
            null,
            Map.of()));
  }

  @Test
  void progressWithTotalsHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(40, "s", null, null);
    encoder.totals(TOTALS);

    assertBytesAndEvent(
        encoder,
        "02 02" + COMMON + "28000000 01 01000000 73 00 00\n" + TOTALS_DRAWN,
        new Event.Progress(TestRecords.header(), "s", 40, Map.of(), Map.of(), TOTALS));
  }

  @Test
  void completedEventWithTotalsHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
    encoder.completed(Status.SUCCESS, End.COMPLETED, Double.NaN, null, null, null);
    encoder.totals(TOTALS);

    assertBytesAndEvent(
        encoder,
        "02 03" + COMMON + "02 04 000000000000f87f 00 00 00\n" + TOTALS_DRAWN,
        new Event.Completed(
            TestRecords.header(),
            Status.SUCCESS,
            End.COMPLETED,
            null,
            null,
            null,
            Map.of(),
            TestRecords.ELAPSED_NANOS / 1_000,
            TOTALS));
  }

  @Test
  void eventAfterOneWithTotalsHasTheFormatWithoutThem() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(-1, "s", null, null);
    encoder.totals(TOTALS);
    long high = TestRecords.EXECUTION.getMostSignificantBits();
    long low = TestRecords.EXECUTION.getLeastSignificantBits();
    assertThat(encoder.buffer().hasUsage()).isTrue();

    assertThat(encoder.beginNext(EventType.PROGRESS, high, low, 8, 0)).isTrue();
    encoder.progress(-1, "s", null, null);
    encoder.totals(null);

    assertThat(encoder.buffer().hasUsage()).isFalse();
    assertThat(TestRecords.bytes(encoder)[Wire.FORMAT_OFFSET]).isEqualTo(Wire.FORMAT);
    assertThat(TestRecords.decoded(encoder).totals()).isNull();
  }

  @Test
  void callThatLacksWhatEachCallHasIsRefused() {
    EventEncoder encoder = TestRecords.begin(EventType.MODEL_CALL);
    encoder.modelCall(null, values());
    byte[] record = TestRecords.bytes(encoder);
    byte[] old = record.clone();
    old[Wire.FORMAT_OFFSET] = Wire.FORMAT;

    assertThatThrownBy(() -> TestRecords.DECODER.decode(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a model's call of format 1");
    for (int length = Wire.HEADER_LENGTH; length < record.length; length++) {
      byte[] part = Arrays.copyOf(record, length);
      assertThatThrownBy(() -> TestRecords.DECODER.decode(part))
          .as("%s bytes", length)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void cutModelIsFlaggedInItsCallAndNowhereElse() {
    String longName = "m".repeat(10_000);
    EventEncoder encoder = TestRecords.begin(EventType.MODEL_CALL);
    UsageTotals totals = new UsageTotals(longName, 1, 0, TokenCounts.UNKNOWN, null, null);
    encoder.modelCall(null, values("a\0b", longName, totals));

    Event.ModelCall call = (Event.ModelCall) TestRecords.decoded(encoder);

    assertThat(call.values().responseModel()).isEqualTo("m".repeat(100));
    assertThat(call.values().totals().model()).isEqualTo("m".repeat(100));
    assertThat(call.values().requestModel()).isEqualTo("a\u2400b");
    assertThat(call.values().metadata())
        .isEqualTo(
            Map.of("k", true, "response_model_truncated", true, "request_model_sanitized", true));
  }

  @Test
  void callBeganItsDurationBeforeItsEvent() {
    Event.ModelCall call = new Event.ModelCall(TestRecords.header(), null, values());

    assertThat(call.startedAt()).isEqualTo(TestRecords.header().occurredAt().minusNanos(258_000));
    assertThat(call.totals()).isEqualTo(TOTALS);
  }

  private static ModelCallValues values() {
    return values(null, "r", TOTALS);
  }

  private static ModelCallValues values(String asked, String answered, UsageTotals totals) {
    return new ModelCallValues(
        "f",
        "p",
        asked,
        answered,
        true,
        258,
        7,
        new TokenCounts(10L, 20L, 0L, null, 5L),
        "s",
        "E",
        "no",
        null,
        null,
        null,
        totals,
        Map.of("k", true));
  }
}

package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The bytes of each event, drawn by hand. Journals on disk hold them: a test here that fails means
 * that they would no longer be read, so change the format's number, never these bytes.
 */
class GoldenRecordsTest {
  /** All fields that each event begins with, but for format and type. */
  static final String COMMON =
      """
      00 00                                # flags: low byte first; spare
      07000000                             # seq 7
      4b7796ac5d0a8901 57809a0902b3cebc    # execution, high and low half
      40222018240a0600 e732685900000000    # start in microseconds, elapsed nanoseconds
      01 06000000 726f75746572             # agent name "router"
      01 03000000 542d31                   # correlation "T-1"
      00                                   # session: the instance
      """;

  private static final UUID ID = UUID.fromString("01890a5d-0000-7000-8000-00000000000a");
  private static final String ID_BYTES = "03 007000005d0a8901 0a00000000000080\n";

  @BeforeEach
  void bytesAreThoseOfAMachineWithTheLowByteFirst() {
    assumeThat(RawStrings.BIG_ENDIAN).isFalse();
  }

  @Test
  void headerHasTheOffsetsThatJournalsHold() {
    assertThat(
            new int[] {
              Wire.FORMAT_OFFSET,
              Wire.TYPE_OFFSET,
              Wire.FLAGS_OFFSET,
              Wire.SPARE_OFFSET,
              Wire.SEQ_OFFSET,
              Wire.ID_HIGH_OFFSET,
              Wire.ID_LOW_OFFSET,
              Wire.STARTED_AT_OFFSET,
              Wire.ELAPSED_OFFSET,
              Wire.HEADER_LENGTH
            })
        .containsExactly(0, 1, 2, 3, 4, 8, 16, 24, 32, 40);
  }

  @Test
  void startedEventHasTheBytesThatJournalsHold() {
    EventEncoder encoder =
        TestRecords.begin(EventType.STARTED)
            .parent(ID.getMostSignificantBits(), ID.getLeastSignificantBits())
            .started(Event.Kind.METHOD, "/w", "p", "tr", "sp", Map.of("k", 3));
    encoder.prompt("hi\u00e9");
    String drawn =
        "01 01"
            + COMMON
            + ID_BYTES // The enclosing execution.
            + """
            01 02000000 2f77                     # project path "/w"
            01 01000000 70                       # project name "p"
            00 00                                # Claude session, terminal: the instance's
            01 02000000 7472                     # trace "tr"
            01 02000000 7370                     # span "sp"
            0a 01000000 01 01000000 6b           # metadata: a map of one, key "k"
            06 0300000000000000                  # the long 3
            ffffffff                             # prompt length: that of the text
            01 03000000 6869e9                   # prompt in Latin-1
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Started(
            TestRecords.header(),
            Event.Kind.METHOD,
            "hi\u00e9",
            3,
            // printf 'hi\303\251' | sha256sum
            "5f8562581361de71ef369a9626a9534546288a7fe4069cc0b6e11c26ea623b0e",
            "/w",
            "p",
            null,
            null,
            ID,
            null,
            "tr",
            "sp",
            Map.of("k", 3L)));
  }

  @Test
  void startedEventWithAWithheldPromptHasTheBytesThatJournalsHold() {
    EventEncoder encoder =
        TestRecords.begin(EventType.STARTED)
            .noParent()
            .started(Event.Kind.METHOD, null, null, null, null, null);
    encoder.withheldPrompt(5, "ab12");
    String drawn =
        "01 01"
            + COMMON
            + """
            00 00 00 00 00 00 00 00              # nothing from the parent to the metadata
            f9ffffff                             # -7: withheld, 5 code points
            01 04000000 61623132                 # the hash
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Started(
            TestRecords.header(),
            Event.Kind.METHOD,
            null,
            5,
            "ab12",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            Map.of()));
  }

  @Test
  void progressHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(40, "\u4e2d\ud83d\ude00", null, Map.of("k", true));
    String drawn =
        "01 02"
            + COMMON
            + """
            28000000                             # percent
            02 06000000 2d4e 3dd8 00de           # stage in UTF-16
            00                                   # no stage metadata
            0a 01000000 01 01000000 6b 04        # metadata: k is true
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Progress(
            TestRecords.header(), "\u4e2d\ud83d\ude00", 40, Map.of(), Map.of("k", true)));
  }

  @Test
  void completedEventHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
    encoder.completed(Status.FAILED, End.COMPLETED, 0.5, "E", "no", Map.of("k", false));
    String drawn =
        "01 03"
            + COMMON
            + """
            03 04                                # failed, the method ended
            000000000000e03f                     # quality 0.5
            01 01000000 45                       # error type "E"
            01 02000000 6e6f                     # error message "no"
            0a 01000000 01 01000000 6b 05        # metadata: k is false
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Completed(
            TestRecords.header(),
            Status.FAILED,
            End.COMPLETED,
            "E",
            "no",
            0.5,
            Map.of("k", false)));
  }

  @Test
  void routingDecisionHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.ROUTING_DECISION);
    encoder.decision(
        ID,
        new DecisionValues("a", 0.5, "s", "r", List.of("b"), 0.25, 0.75, 1.0, Double.NaN, 9),
        "route me",
        false);

    assertBytesAndEvent(
        encoder,
        decisionDrawn("00", "01 08000000 726f757465206d65"),
        decision("route me", "81ff6963862e3e2a030baa062cf5b740b49da4e0f9f364b99089fa2ea1a6ae69"));
  }

  @Test
  void routingDecisionWithAHashedRequestHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.ROUTING_DECISION);
    encoder.decision(
        ID,
        new DecisionValues("a", 0.5, "s", "r", List.of("b"), 0.25, 0.75, 1.0, Double.NaN, 9),
        "ab12",
        true);

    assertBytesAndEvent(
        encoder, decisionDrawn("10", "01 04000000 61623132"), decision(null, "ab12"));
  }

  @Test
  void everyJsonValueHasTheBytesThatJournalsHold() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("n", null);
    values.put("d", 0.5);
    values.put("b", new BigDecimal("1.50"));
    values.put("l", Arrays.asList(-2L, null, "x"));
    values.put("m", Map.of("k", "v"));
    String drawn =
        """
        0a 05000000                              # a map of five
        01 01000000 6e  00                       # n: null
        01 01000000 64  07 000000000000e03f      # d: a double
        01 01000000 62  08 01 04000000 312e3530  # b: a decimal as text
        01 01000000 6c  09 03000000              # l: a list of three
          06 feffffffffffffff 00 01 01000000 78
        01 01000000 6d  0a 01000000              # m: a map of one
          01 01000000 6b 01 01000000 76
        """;
    EventBuffer buffer =
        new EventBuffer().begin(EventType.PROGRESS, 0, 0, 1, 0, 0).putValue(values);
    byte[] bytes = TestRecords.bytes(buffer);

    assertThat(Arrays.copyOfRange(bytes, Wire.HEADER_LENGTH, bytes.length))
        .isEqualTo(TestRecords.drawn(drawn));
    assertThat(new EventReader(bytes).value()).isEqualTo(values);
  }

  @Test
  void cutTextIsMarkedInItsTag() {
    EventBuffer buffer = new EventBuffer().begin(EventType.PROGRESS, 0, 0, 1, 0, 0);
    byte[] bytes = TestRecords.bytes(buffer.putText("abcdef", 4).putText("\u4e2d\u4e2d", 2));

    assertThat(Arrays.copyOfRange(bytes, Wire.HEADER_LENGTH, bytes.length))
        .isEqualTo(TestRecords.drawn("81 04000000 61626364  82 02000000 2d4e"));
  }

  @Test
  void noteOfARunningExecutionIsTheHeaderOfAStartedEvent() {
    byte[] note = RunningRecords.note(TestRecords.header());
    String session = "03 0040000000000000 0100000000000080"; // The instance's ID is written out.
    String common = COMMON.substring(0, COMMON.lastIndexOf("00 "));

    assertThat(note).isEqualTo(TestRecords.drawn("01 01" + common + session));
  }

  private static String decisionDrawn(String flags, String request) {
    return "01 04"
        + COMMON
        + ID_BYTES
        + "09000000 # routing time in milliseconds\n"
        + flags
        + """
         # cache hit unknown; 10: the request is a hash
        000000000000e03f                     # confidence 0.5
        000000000000d03f 000000000000e83f    # trigger 0.25, context 0.75
        000000000000f03f 000000000000f87f    # capability 1, historical not known
        01 01000000 61                       # selected agent "a"
        01 01000000 73                       # strategy "s"
        01 01000000 72                       # reasoning "r"
        09 01000000 01 01000000 62           # alternatives: a list of "b"
        """
        + request;
  }

  private static Event decision(String request, String sha256) {
    return new Event.RoutingDecision(
        TestRecords.header(),
        ID,
        request,
        sha256,
        "a",
        0.5,
        "s",
        0.25,
        0.75,
        1.0,
        null,
        List.of("b"),
        "r",
        9,
        null);
  }

  /** Encoder and decoder are held to the drawing apart, or both could change together. */
  static void assertBytesAndEvent(EventEncoder encoder, String drawn, Event event) {
    byte[] bytes = TestRecords.drawn(drawn);
    assertThat(TestRecords.bytes(encoder)).isEqualTo(bytes);
    assertThat(TestRecords.DECODER.decode(bytes)).isEqualTo(event);
  }
}

package io.agentlog.event;

import static io.agentlog.event.GoldenRecordsTest.assertBytesAndEvent;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As {@link GoldenRecordsTest}, for events that tell details. */
class GoldenDetailsTest {
  private static final String COMMON = GoldenRecordsTest.COMMON;
  private static final UUID ID = UUID.fromString("01890a5d-0000-7000-8000-00000000000a");
  private static final String ID_BYTES = "03 007000005d0a8901 0a00000000000080\n";

  @BeforeEach
  void bytesAreThoseOfAMachineWithTheLowByteFirst() {
    assumeThat(RawStrings.BIG_ENDIAN).isFalse();
  }

  @Test
  void promptHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.PROMPT);
    encoder.prompt(
        ID, new KeptText("hi", null, -1), new KeptText(null, "ab12", 5), Map.of("k", true));
    String drawn =
        "01 05"
            + COMMON
            + ID_BYTES
            + """
            0a 01000000 01 01000000 6b 04        # metadata: k is true
            04 ffffffff 01 02000000 6869         # prompt: its length is that of the text
            04 f9ffffff 01 04000000 61623132     # instructions: 5 code points, the hash alone
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.Prompt(
            TestRecords.header(),
            ID,
            "hi",
            2,
            // printf hi | sha256sum
            "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
            null,
            5,
            "ab12",
            Map.of("k", true)));
  }

  @Test
  void promptEventWithoutTextsHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.PROMPT);
    encoder.prompt(ID, null, null, Map.of());

    assertBytesAndEvent(
        encoder,
        "01 05" + COMMON + ID_BYTES + "00 00 00 # no metadata, no prompt, no instructions",
        new Event.Prompt(TestRecords.header(), ID, null, null, null, null, null, null, Map.of()));
  }

  @Test
  void fileOperationHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.FILE_OPERATION);
    encoder.fileOperation(
        ID,
        new FileOperationValues(
            FileOperationType.EDIT,
            "/a",
            "cd34",
            258,
            -1,
            3,
            7,
            "ab12",
            "t",
            false,
            "E",
            "no",
            Map.of("k", true),
            Map.of()));
    String drawn =
        "01 06"
            + COMMON
            + ID_BYTES
            + """
            03 00                                # an edit that failed
            0201000000000000 ffffffffffffffff    # size, bytes read: not known
            0300000000000000 0700000000000000    # bytes written, microseconds
            01 02000000 2f61                     # path "/a"
            01 04000000 63643334                 # hash of the path
            01 04000000 61623132                 # hash of the content before
            01 01000000 74                       # tool "t"
            01 01000000 45                       # error type "E"
            01 02000000 6e6f                     # error message "no"
            0a 01000000 01 01000000 6b 04        # parameters: k is true
            00                                   # no metadata
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.FileOperation(
            TestRecords.header(),
            ID,
            FileOperationType.EDIT,
            "/a",
            "cd34",
            258L,
            null,
            3L,
            "ab12",
            "t",
            false,
            "E",
            "no",
            7L,
            Map.of("k", true),
            Map.of()));
  }

  @Test
  void fileHashHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.FILE_HASH);
    encoder.fileHash(ID, 258, null, "ab12", Map.of("k", false));
    String drawn =
        "01 07"
            + COMMON
            + ID_BYTES
            + """
            0201000000000000                     # size
            00                                   # hash before: not known
            01 04000000 61623132                 # hash after
            0a 01000000 01 01000000 6b 05        # metadata: k is false
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.FileHash(TestRecords.header(), ID, null, "ab12", 258L, Map.of("k", false)));
  }

  @Test
  void intelligenceUsageHasTheBytesThatJournalsHold() {
    EventEncoder encoder = TestRecords.begin(EventType.INTELLIGENCE_USAGE);
    encoder.intelligence(
        ID,
        new IntelligenceValues(
            "k", "s", "7", "n", "c", "u", 0.5, "m", "q", 9, 2, true, null, Double.NaN, Map.of()));
    String drawn =
        "01 08"
            + COMMON
            + ID_BYTES
            + """
            02 00                                # applied, not known if it contributed
            02000000 0900000000000000            # rank, microseconds of the query
            000000000000e03f 000000000000f87f    # confidence 0.5, impact not known
            01 01000000 37                       # item "7"
            01 01000000 6b  01 01000000 73       # kind "k", source "s"
            01 01000000 6e  01 01000000 63       # name "n", collection "c"
            01 01000000 75                       # context "u"
            01 01000000 6d  01 01000000 71       # summary "m", query "q"
            00                                   # no metadata
            """;

    assertBytesAndEvent(
        encoder,
        drawn,
        new Event.IntelligenceUsage(
            TestRecords.header(),
            ID,
            "k",
            "s",
            Identifier.of("7"),
            "n",
            "c",
            "u",
            0.5,
            "m",
            "q",
            9L,
            2,
            true,
            null,
            null,
            Map.of()));
  }
}

package io.agentlog.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Details, encoded as the capture does it and decoded as a sink's reader does it. */
class DetailDecoderTest {
  private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8058");
  private static final String HASH = "ab".repeat(32);
  private static final int KEPT_MAX = 384 * 1024;

  @Test
  void promptAndInstructionsComeBackWithLengthsAndHashes() {
    Event.Prompt event =
        prompt(new KeptText("Grüße 😀", null, -1), new KeptText("rules", null, -1), Map.of("k", 1));

    assertThat(event.header()).isEqualTo(TestRecords.header());
    assertThat(event.id()).isEqualTo(ID);
    assertThat(event.prompt()).isEqualTo("Grüße 😀");
    assertThat(event.promptLength()).isEqualTo(7);
    assertThat(event.promptSha256()).isEqualTo(sha256("Grüße 😀"));
    assertThat(event.instructions()).isEqualTo("rules");
    assertThat(event.instructionsLength()).isEqualTo(5);
    assertThat(event.instructionsSha256()).isEqualTo(sha256("rules"));
    assertThat(event.metadata()).isEqualTo(Map.of("k", 1L));
  }

  @Test
  void withheldTextsLeaveLengthAndPerhapsHash() {
    Event.Prompt event =
        prompt(new KeptText(null, HASH, 12), new KeptText(null, null, 0), Map.of());

    assertThat(event.prompt()).isNull();
    assertThat(event.promptLength()).isEqualTo(12);
    assertThat(event.promptSha256()).isEqualTo(HASH);
    assertThat(event.instructions()).isNull();
    assertThat(event.instructionsLength()).isZero();
    assertThat(event.instructionsSha256()).isNull();
  }

  @Test
  void promptMayBeAlone() {
    Event.Prompt event = prompt(new KeptText("p", null, -1), null, Map.of());

    assertThat(event.instructions()).isNull();
    assertThat(event.instructionsLength()).isNull();
    assertThat(event.instructionsSha256()).isNull();
    assertThat(prompt(null, null, Map.of()).promptLength()).isNull();
  }

  @Test
  void cutTextIsFlaggedAndHashedAsKept() {
    EventEncoder encoder = new EventEncoder(100, 200);
    TestRecords.begin(encoder, EventType.PROMPT, TestRecords.EXECUTION)
        .prompt(
            ID,
            new KeptText("p".repeat(300), null, -1),
            new KeptText("ß\uD83D\uDE00".repeat(100), null, 777),
            Map.of());

    Event.Prompt event = (Event.Prompt) TestRecords.decoded(encoder);

    assertThat(event.prompt()).isEqualTo("p".repeat(200));
    assertThat(event.promptLength()).isEqualTo(300);
    assertThat(event.promptSha256()).isEqualTo(sha256("p".repeat(200)));
    assertThat(event.instructionsLength()).isEqualTo(777);
    assertThat(event.instructionsSha256()).isEqualTo(sha256(event.instructions()));
    assertThat(event.metadata())
        .containsEntry("user_prompt_truncated", true)
        .containsEntry("agent_instructions_truncated", true);
  }

  @Test
  void loneSurrogatesAndNulsAreCleanedAndFlagged() {
    Event.Prompt event =
        prompt(new KeptText("a\uD83Db\0c", null, -1), new KeptText("\uDE00", null, -1), Map.of());

    assertThat(event.prompt()).doesNotContain("\uD83D", "\0");
    assertThat(event.instructions()).doesNotContain("\uDE00");
    assertThat(event.metadata())
        .containsEntry("user_prompt_sanitized", true)
        .containsEntry("agent_instructions_sanitized", true);
  }

  @Test
  void twoTextsOfTheGreatestLengthFitOneRecord() {
    String latin = "x".repeat(KEPT_MAX);
    String wide = "\u20ac".repeat(KEPT_MAX / 2);
    EventEncoder encoder = new EventEncoder(8_192, KEPT_MAX);
    TestRecords.begin(encoder, EventType.PROMPT, TestRecords.EXECUTION)
        .prompt(ID, new KeptText(latin, null, -1), new KeptText(wide, null, -1), Map.of());

    byte[] record = TestRecords.bytes(encoder);
    Event.Prompt event = (Event.Prompt) TestRecords.DECODER.decode(record);

    assertThat(record.length).isLessThan(1 << 20);
    assertThat(event.prompt()).isEqualTo(latin);
    assertThat(event.instructions()).isEqualTo(wide);
    assertThat(event.metadata()).isEmpty();
  }

  @Test
  void fileOperationComesBackWithAllItsValues() {
    FileOperationValues values =
        new FileOperationValues(
            FileOperationType.EDIT,
            "/srv/ä.txt",
            null,
            1L << 40,
            0,
            5,
            1_234_567,
            HASH,
            "tool:edit",
            false,
            "NoSuchFileException",
            "gone",
            Map.of("append", true),
            Map.of("count", 3));
    Event.FileOperation event = fileOperation(values);

    assertThat(event)
        .isEqualTo(
            new Event.FileOperation(
                TestRecords.header(),
                ID,
                FileOperationType.EDIT,
                "/srv/ä.txt",
                sha256("/srv/ä.txt"),
                1L << 40,
                0L,
                5L,
                HASH,
                "tool:edit",
                false,
                "NoSuchFileException",
                "gone",
                1_234_567L,
                Map.of("append", true),
                Map.of("count", 3L)));
  }

  @Test
  void fileOperationOfWhichLittleIsKnownHasNullsAndTheHashThatWasGiven() {
    for (FileOperationType type : FileOperationType.values()) {
      Event.FileOperation event =
          fileOperation(
              new FileOperationValues(
                  type, null, HASH, -1, -1, -1, -1, null, null, true, null, null, Map.of(),
                  Map.of()));

      assertThat(event.operation()).isEqualTo(type);
      assertThat(event.path()).isNull();
      assertThat(event.pathSha256()).isEqualTo(HASH);
      assertThat(event.isSuccess()).isTrue();
      assertThat(
              Arrays.asList(
                  event.sizeBytes(),
                  event.bytesRead(),
                  event.bytesWritten(),
                  event.durationMicros(),
                  event.sha256Before(),
                  event.tool(),
                  event.errorType(),
                  event.errorMessage()))
          .containsOnlyNulls();
    }
  }

  @Test
  void hashesComeBackWithTheHeaderOfTheirOperation() {
    EventEncoder encoder = TestRecords.begin(EventType.FILE_HASH);
    encoder.fileHash(ID, 0, null, HASH, Map.of("hash_missing", "changed"));

    assertThat(TestRecords.decoded(encoder))
        .isEqualTo(
            new Event.FileHash(
                TestRecords.header(), ID, null, HASH, 0L, Map.of("hash_missing", "changed")));
  }

  @Test
  void usedKnowledgeComesBackWithAllItsValuesAndWithNone() {
    EventEncoder encoder = TestRecords.begin(EventType.INTELLIGENCE_USAGE);
    encoder.intelligence(
        ID,
        new IntelligenceValues(
            "pattern",
            "qdrant",
            "item 7",
            "name",
            "collection",
            "context",
            0.5,
            "summary",
            "query",
            9_000,
            2,
            false,
            true,
            -0.25,
            Map.of("score", 0.5)));
    Event whole = TestRecords.decoded(encoder);
    encoder = TestRecords.begin(EventType.INTELLIGENCE_USAGE);
    encoder.intelligence(
        ID,
        new IntelligenceValues(
            null,
            null,
            null,
            null,
            null,
            null,
            Double.NaN,
            null,
            null,
            -1,
            0,
            null,
            null,
            Double.NaN,
            Map.of()));

    assertThat(whole)
        .isEqualTo(
            new Event.IntelligenceUsage(
                TestRecords.header(),
                ID,
                "pattern",
                "qdrant",
                Identifier.of("item 7"),
                "name",
                "collection",
                "context",
                0.5,
                "summary",
                "query",
                9_000L,
                2,
                false,
                true,
                -0.25,
                Map.of("score", 0.5)));
    assertThat(TestRecords.decoded(encoder))
        .isEqualTo(
            new Event.IntelligenceUsage(
                TestRecords.header(),
                ID,
                null,
                null,
                null,
                null,
                null,
                null,
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
  void recordThatIsCutAnywhereOrGoesOnIsRefused() {
    for (byte[] record : records()) {
      assertThat(TestRecords.DECODER.decode(record)).isNotNull();
      for (int length = 0; length < record.length; length++) {
        byte[] cut = Arrays.copyOf(record, length);
        assertThatThrownBy(() -> TestRecords.DECODER.decode(cut))
            .isInstanceOf(IllegalArgumentException.class);
      }
      byte[] longer = Arrays.copyOf(record, record.length + 1);
      assertThatThrownBy(() -> TestRecords.DECODER.decode(longer))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** One record of each type, with a value in each field that may have one. */
  static List<byte[]> records() {
    EventEncoder prompt = TestRecords.begin(EventType.PROMPT);
    prompt.prompt(
        ID, new KeptText("p", null, -1), new KeptText("\u20ac", null, -1), Map.of("k", 1));
    EventEncoder withheld = TestRecords.begin(EventType.PROMPT);
    withheld.prompt(ID, new KeptText(null, HASH, 5), null, Map.of());
    EventEncoder operation = TestRecords.begin(EventType.FILE_OPERATION);
    operation.fileOperation(
        ID,
        new FileOperationValues(
            FileOperationType.READ,
            "/a",
            null,
            1,
            2,
            3,
            4,
            HASH,
            "t",
            true,
            "e",
            "m",
            Map.of("p", true),
            Map.of("m", 1)));
    EventEncoder hash = TestRecords.begin(EventType.FILE_HASH);
    hash.fileHash(ID, 9, HASH, HASH, Map.of("m", 1));
    EventEncoder usage = TestRecords.begin(EventType.INTELLIGENCE_USAGE);
    usage.intelligence(
        ID,
        new IntelligenceValues(
            "k", "s", "i", "n", "c", "u", 1, "y", "q", 1, 1, true, false, 0, Map.of("m", 1)));
    return List.of(
        TestRecords.bytes(prompt),
        TestRecords.bytes(withheld),
        TestRecords.bytes(operation),
        TestRecords.bytes(hash),
        TestRecords.bytes(usage));
  }

  @Test
  void detailWithoutAnIdIsRefused() {
    byte[] record =
        TestRecords.bytes(
            TestRecords.begin(EventType.PROMPT)
                .buffer()
                .putIdentifier(null)
                .putMap(Map.of())
                .putAbsent()
                .putAbsent());

    assertThatThrownBy(() -> TestRecords.DECODER.decode(record))
        .isInstanceOf(IllegalArgumentException.class)
        .hasStackTraceContaining("a detail without an ID");
  }

  private static Event.Prompt prompt(
      KeptText prompt, KeptText instructions, Map<String, Object> metadata) {
    EventEncoder encoder = TestRecords.begin(EventType.PROMPT);
    encoder.prompt(ID, prompt, instructions, metadata);
    return (Event.Prompt) TestRecords.decoded(encoder);
  }

  private static Event.FileOperation fileOperation(FileOperationValues values) {
    EventEncoder encoder = TestRecords.begin(EventType.FILE_OPERATION);
    encoder.fileOperation(ID, values);
    return (Event.FileOperation) TestRecords.decoded(encoder);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

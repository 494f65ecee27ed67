package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is encoded on the caller's thread is what the reader decodes. */
class EventCodecTest {
  private static final UUID INSTANCE = UUID.fromString("00000000-0000-4000-8000-000000000001");
  private static final UUID EXECUTION = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
  private static final InstanceFacts FACTS =
      new InstanceFacts(INSTANCE, "/work", "router", "claude-1", "term-1");

  private final EventDecoder decoder = new EventDecoder(FACTS);

  @Test
  void startedEventComesBackAsItWas() throws Exception {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("model", "m1");
    metadata.put("tries", 3L);
    metadata.put("ratio", 0.25);
    metadata.put("exact", new BigDecimal("12345678901234567890.5"));
    metadata.put("flags", List.of(true, false));
    metadata.put("nothing", null);
    metadata.put("nested", Map.of("键", "值"));
    Event.Started started = started("route me \u4e2d\ud83d\ude00", metadata, 1_000);

    assertThat(started.prompt()).isEqualTo("route me \u4e2d\ud83d\ude00");
    assertThat(started.promptLength()).isEqualTo(11); // Code points, as PostgreSQL counts.
    assertThat(started.promptSha256())
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-256")
                        .digest("route me \u4e2d\ud83d\ude00".getBytes(StandardCharsets.UTF_8))));
    assertThat(started.metadata()).isEqualTo(metadata);
    assertThat(started.header().executionId()).isEqualTo(EXECUTION);
    assertThat(started.header().seq()).isEqualTo(1);
    assertThat(started.header().agentName()).isEqualTo("router");
    assertThat(started.header().session().id()).isEqualTo(INSTANCE);
    assertThat(started.projectPath()).isEqualTo("/work");
    assertThat(started.projectName()).isEqualTo("given");
    assertThat(started.terminalId()).isEqualTo("term-1");
  }

  @Test
  void promptOverTheLimitIsCutAndFlaggedAndKeepsItsLength() { // Fault 62.
    Event.Started latin = started("x".repeat(5_000), Map.of(), 1_000, 5_000);
    assertThat(latin.prompt()).hasSize(1_000);
    assertThat(latin.promptLength()).isEqualTo(5_000);
    assertThat(latin.metadata()).containsEntry("user_prompt_truncated", true);

    Event.Started wide = started("\ud83d\ude00".repeat(1_000), Map.of(), 1_001, 1_000);
    assertThat(wide.prompt()).isEqualTo("\ud83d\ude00".repeat(250)); // No half character.
  }

  @Test
  void textThatPostgresRefusesIsCleanedAndFlagged() { // Faults 57 and 58.
    Event.Started started = started("a\0b\ud800c", Map.of("key", "x\0"), 1_000);
    assertThat(started.prompt()).isEqualTo("a\u2400b\ufffdc");
    assertThat(started.promptLength()).isEqualTo(5);
    assertThat(started.metadata())
        .containsEntry("user_prompt_sanitized", true)
        .containsEntry("key", "x\u2400")
        .containsEntry("key_sanitized", true);
  }

  @Test
  void correlationIdThatIsNoUuidIsStoredAsItsVersion5Uuid() { // Fault 61.
    EventBuffer buffer =
        header(EventType.PROGRESS, "TICKET-1\n").putInt(-1).putText("s", 99).putValue(null);
    Event event = decode(buffer.putValue(Map.of()));
    Identifier correlation = event.header().correlation();
    assertThat(correlation.raw()).isEqualTo("TICKET-1\n");
    assertThat(correlation.id().version()).isEqualTo(5);
    assertThat(Identifier.of("TICKET-1\n")).isEqualTo(correlation);
    // uuid.uuid5(uuid.NAMESPACE_OID, 'agentlog') in Python.
    assertThat(Identifier.of("agentlog").id())
        .isEqualTo(UUID.fromString("dca043e4-fb0d-5192-a000-41900b4a3bf8"));
  }

  @Test
  void damagedRecordIsRefusedAndNeverGuessed() { // Fault 30.
    byte[] good =
        bytes(
            header(EventType.PROGRESS, "c")
                .putInt(50)
                .putText("stage", 99)
                .putValue(Map.of("k", List.of(1L, "two")))
                .putValue(Map.of()));
    assertThat(decoder.decode(good)).isInstanceOf(Event.Progress.class);
    for (int length = 0; length < good.length; length++) {
      byte[] shorter = Arrays.copyOf(good, length);
      assertThatIllegalArgumentException().isThrownBy(() -> decoder.decode(shorter));
    }
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = good.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Throwable thrown = catchThrowable(() -> decoder.decode(damaged));
      assertThat(thrown == null || thrown instanceof IllegalArgumentException)
          .as("seed 7, round %s: %s", i, thrown)
          .isTrue();
    }
  }

  @Test
  void stringBytesAreReachedWithoutCopyingWhereJavaLangIsOpen() {
    for (String text : List.of("", "plain", "\u00e9", "\u4e2d", "\ud800")) {
      byte[] expected =
          RawStrings.isLatin1(text) ? text.getBytes(StandardCharsets.ISO_8859_1) : utf16(text);
      assertThat(RawStrings.bytes(text)).isEqualTo(expected);
    }
  }

  private static byte[] utf16(String text) {
    byte[] bytes = new byte[text.length() * 2];
    for (int i = 0; i < text.length(); i++) {
      bytes[2 * i + (RawStrings.BIG_ENDIAN ? 1 : 0)] = (byte) text.charAt(i);
      bytes[2 * i + (RawStrings.BIG_ENDIAN ? 0 : 1)] = (byte) (text.charAt(i) >> 8);
    }
    return bytes;
  }

  private Event.Started started(String prompt, Map<String, Object> metadata, int promptBytesMax) {
    return started(prompt, metadata, promptBytesMax, -1);
  }

  private Event.Started started(
      String prompt, Map<String, Object> metadata, int promptBytesMax, int lengthGiven) {
    EventBuffer buffer =
        header(EventType.STARTED, UUID.randomUUID())
            .putIdentifier(null)
            .putText(null, 0)
            .putText("given", 100)
            .putText(null, 0)
            .putText(null, 0)
            .putText(null, 0)
            .putText(null, 0)
            .putValue(metadata)
            .putInt(lengthGiven)
            .putLastText(prompt, promptBytesMax);
    return (Event.Started) decode(buffer);
  }

  private static EventBuffer header(EventType type, Object correlation) {
    return new EventBuffer()
        .begin(
            type,
            EXECUTION.getMostSignificantBits(),
            EXECUTION.getLeastSignificantBits(),
            1,
            1_700_000_000_000_000L,
            0)
        .putText("router", 100)
        .putIdentifier(correlation)
        .putIdentifier(null);
  }

  private Event decode(EventBuffer buffer) {
    return decoder.decode(bytes(buffer));
  }

  private static byte[] bytes(EventBuffer buffer) {
    byte[] bytes = Arrays.copyOf(buffer.head(), buffer.headLength() + buffer.tailLength());
    System.arraycopy(buffer.tail(), 0, bytes, buffer.headLength(), buffer.tailLength());
    return bytes;
  }
}

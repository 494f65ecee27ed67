package io.agentlog.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits, growth and values of the bytes of one event. */
class EventBufferTest {
  private static final String PAIR = "\ud83d\ude00";

  private final EventBuffer buffer = begun(new EventBuffer());

  @ParameterizedTest
  @CsvSource({
    "abcdef, 6, abcdef",
    "abcdef, 5, abcde",
    "abcdef, 0, ''",
    "'', 0, ''",
    "\u00e9\u00e9\u00e9, 2, \u00e9\u00e9",
    "\u4e2d\u4e2d, 4, \u4e2d\u4e2d",
    "\u4e2d\u4e2d, 3, \u4e2d", // Half a character doesn't count.
    "\u4e2d\u4e2d, 1, ''",
    "\u4e2d\u4e2d, 0, ''"
  })
  void textKeepsAsManyCharactersAsItsLimitHasBytesFor(String text, int bytesMax, String kept) {
    assertThat(EventBuffer.cut(text, bytesMax)).isEqualTo(kept);
    assertThat(EventBuffer.isCut(text, bytesMax)).isEqualTo(!kept.equals(text));
  }

  @Test
  void surrogatePairIsKeptWholeOrNotAtAll() {
    String text = "a" + PAIR + "b" + PAIR; // 12 bytes.

    assertThat(EventBuffer.cut(text, 12)).isSameAs(text);
    assertThat(EventBuffer.cut(text, 11)).isEqualTo("a" + PAIR + "b");
    assertThat(EventBuffer.cut(text, 10)).isEqualTo("a" + PAIR + "b");
    assertThat(EventBuffer.cut(text, 6)).isEqualTo("a" + PAIR);
    assertThat(EventBuffer.cut(text, 5)).isEqualTo("a");
    assertThat(EventBuffer.cut(text, 4)).isEqualTo("a");
    assertThat(EventBuffer.cut(PAIR, 3)).isEmpty();
  }

  @Test
  void absentTextIsNeverCut() {
    assertThat(EventBuffer.isCut(null, 0)).isFalse();
  }

  @Test
  void textInTheBufferIsTheOneThatCutReturnsAndIsMarkedAndCountedIfCut() {
    for (String text : List.of("", "abc", "caf\u00e9", "\u4e2d\u6587", "a" + PAIR + PAIR + "b")) {
      for (int bytesMax = 0; bytesMax <= 14; bytesMax++) {
        begun(buffer).putText(text, bytesMax);
        Map<String, Object> flags = new HashMap<>();

        assertThat(reader().text("f", flags)).isEqualTo(EventBuffer.cut(text, bytesMax));
        boolean cut = EventBuffer.isCut(text, bytesMax);
        assertThat(flags).isEqualTo(cut ? Map.of("f_truncated", true) : Map.of());
        assertThat(buffer.cutCount()).isEqualTo(cut ? 1 : 0);
      }
    }
  }

  @Test
  void lastTextStandsBehindTheHeadAndIsCutLikeAnyOther() {
    buffer.putLastText("abcdef", 4);

    assertThat(buffer.headLength()).isEqualTo(Wire.HEADER_LENGTH + 5); // Tag and length.
    assertThat(buffer.tailLength()).isEqualTo(4);
    assertThat(Arrays.copyOf(buffer.tail(), 4)).isEqualTo("abcd".getBytes(ISO_8859_1));
    assertThat(buffer.cutCount()).isEqualTo(1);
  }

  @Test
  void absentLastTextIsOneByteOfTheHead() {
    buffer.putLastText(null, 4);

    assertThat(buffer.headLength()).isEqualTo(Wire.HEADER_LENGTH + 1);
    assertThat(buffer.tailLength()).isZero();
  }

  @Test
  void endOfAnEventReleasesItsLastText() {
    buffer.putLastText("abcdef", 99).end();

    assertThat(buffer.tail()).isEmpty();
    assertThat(buffer.tailLength()).isZero();
  }

  @Test
  void bufferGrowsWithoutLosingWhatItHolds() {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      buffer.putText("text " + i, 99);
      expected.append("text ").append(i);
    }
    EventReader reader = reader();
    StringBuilder read = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      read.append(reader.text("f", new HashMap<>()));
    }
    reader.requireEnd();

    assertThat(read).hasToString(expected.toString());
  }

  @Test
  void textLongerThanTwiceTheBufferFits() {
    String text = "x".repeat(100_000);
    buffer.putText(text, Integer.MAX_VALUE);

    assertThat(reader().text("f", new HashMap<>())).isEqualTo(text);
  }

  @Test
  void arrayThatGrewBeyond64KibIsDroppedWhenTheNextEventBegins() {
    buffer.putText("x".repeat(70_000), Integer.MAX_VALUE);
    assertThat(buffer.head().length).isGreaterThan(64 * 1024);

    assertThat(begun(buffer).head()).hasSize(1_024);
  }

  @Test
  void smallerArrayIsReused() {
    buffer.putText("x".repeat(2_000), Integer.MAX_VALUE);
    byte[] array = buffer.head();

    assertThat(begun(buffer).head()).isSameAs(array);
  }

  @ParameterizedTest
  @EnumSource(EventType.class)
  void startsAndEndsAreEssential(EventType type) {
    buffer.begin(type, 1, 2, 1, 0, 0);

    assertThat(buffer.isEssential())
        .isEqualTo(type == EventType.STARTED || type == EventType.COMPLETED);
  }

  @Test
  void everyKindOfNumberComesBackAsAWideOne() {
    assertThat(written((byte) -3)).isEqualTo(-3L);
    assertThat(written(7)).isEqualTo(7L);
    assertThat(written(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
    assertThat(written(new AtomicInteger(5))).isEqualTo(5L);
    assertThat(written(0.5f)).isEqualTo(0.5);
    assertThat(written(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(written(new BigDecimal("1.50"))).isEqualTo(new BigDecimal("1.50"));
    assertThat(written(BigInteger.TEN.pow(30))).isEqualTo(new BigDecimal(BigInteger.TEN.pow(30)));
  }

  @Test
  void valueThatIsNoJsonIsNull() {
    assertThat(written(new Object())).isNull();
    assertThat(written('c')).isNull();
    assertThat(written(Arrays.asList("a", new Object()))).isEqualTo(Arrays.asList("a", null));
  }

  @Test
  void keyThatIsNoStringIsItsText() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(1, "one");
    map.put(null, "none");

    assertThat(written(map)).isEqualTo(Map.of("1", "one", "null", "none"));
  }

  @Test
  void listsAreKeptTo16LevelsAndDeeperOnesAreNull() {
    Object nested = new ArrayList<>(List.of("deepest"));
    for (int depth = 2; depth <= 17; depth++) {
      nested = List.of(nested);
    }
    Object read = written(nested);
    for (int depth = 1; depth <= 16; depth++) {
      read = ((List<?>) read).get(0);
    }

    assertThat(read).isNull();
  }

  @Test
  void emptyMapIsAbsent() {
    byte[] nothing = bytesOf(new EventBuffer().putMap(null));

    assertThat(nothing).containsExactly(Wire.ABSENT);
    assertThat(bytesOf(new EventBuffer().putMap(Map.of()))).isEqualTo(nothing);
  }

  @Test
  void identifierIsAUuidATextOfAtMost8KibOrNothing() {
    UUID id = new UUID(1, 2);
    buffer.putIdentifier(id).putIdentifier("x".repeat(8_193)).putIdentifier(null);
    EventReader reader = reader();
    Map<String, Object> flags = new HashMap<>();

    assertThat(reader.identifier("a", flags)).isEqualTo(Identifier.of(id));
    assertThat(reader.identifier("b", flags)).isEqualTo(Identifier.of("x".repeat(8_192)));
    assertThat(reader.identifier("c", flags)).isNull();
    assertThat(flags).isEqualTo(Map.of("b_truncated", true));
    assertThat(buffer.cutCount()).isEqualTo(1);
  }

  @Test
  void encodedTextIsTheBytesThatPutTextAppends() {
    for (String text : List.of("plain", "\u4e2d" + PAIR)) {
      byte[] put = bytesOf(new EventBuffer().putText(text, 5));

      assertThat(EventBuffer.encodedText(text, 5)).isEqualTo(put);
      assertThat(bytesOf(new EventBuffer().putEncoded(put))).isEqualTo(put);
    }
  }

  private Object written(Object value) {
    begun(buffer).putValue(value);
    EventReader reader = reader();
    Object read = reader.value();
    reader.requireEnd();
    return read;
  }

  private EventReader reader() {
    return new EventReader(TestRecords.bytes(buffer));
  }

  private static EventBuffer begun(EventBuffer buffer) {
    return buffer.begin(EventType.PROGRESS, 1, 2, 1, 0, 0);
  }

  private static byte[] bytesOf(EventBuffer buffer) {
    return Arrays.copyOf(buffer.head(), buffer.headLength());
  }
}

package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {
  private static final String EMOJI = "\ud83d\ude00"; // Two chars, which belong together.

  @ParameterizedTest
  @CsvSource({
    // text, bytes, what is left
    "abcdef, 6, abcdef",
    "abcdef, 5, abcde",
    "abcdef, 0, ''",
    "éèêë, 3, éèê", // Latin-1: a byte each.
    "aβγδ, 8, aβγδ", // Not Latin-1: two bytes each.
    "aβγδ, 7, aβγ",
    "abcdeβ, 6, abcde", // Cut before what makes it take two bytes each.
    "abcdeβ, 12, abcdeβ",
    "β, 1, ''",
  })
  void textIsCutToItsBytesAsTheJvmStoresIt(String text, int maxBytes, String left) {
    assertThat(Texts.cut(text, maxBytes)).isEqualTo(left);
    assertThat(Texts.cutPosition(text, maxBytes)).isEqualTo(left.length());
    assertThat(Texts.sizeBytes(left)).isLessThanOrEqualTo(maxBytes);
  }

  @Test
  void textThatFitsIsTheSameInstance() {
    String text = "as it ".concat("is");

    assertThat(Texts.cut(text, 8)).isSameAs(text);
  }

  @Test
  void surrogatePairIsNeverCutInHalf() {
    String text = "ab" + EMOJI;

    assertThat(Texts.cut(text, 7)).isEqualTo("ab");
    assertThat(Texts.cut(text, 8)).isEqualTo(text);
    assertThat(Texts.cut(EMOJI + EMOJI, 7)).isEqualTo(EMOJI);
  }

  @Test
  void loneSurrogateIsCutLikeAnyOtherChar() {
    assertThat(Texts.cut("\ud83dx\ud83dy", 6)).isEqualTo("\ud83dx\ud83d");
  }

  @Test
  void sizeIsOneByteACharUntilOneIsNotLatin1() {
    assertThat(Texts.sizeBytes("")).isZero();
    assertThat(Texts.sizeBytes("caf\u00e9\u00ff")).isEqualTo(5);
    assertThat(Texts.sizeBytes("caf\u0100")).isEqualTo(8);
  }

  @Test
  void valuesThatMayBeIdentifiersHaveAText() {
    UUID id = new UUID(1, 2);

    assertThat(Texts.textOf("text")).isEqualTo("text");
    assertThat(Texts.textOf(CharBuffer.wrap("built"))).isEqualTo("built");
    assertThat(Texts.textOf(id)).isEqualTo(id.toString());
    assertThat(Texts.textOf('c')).isEqualTo("c");
    assertThat(Texts.textOf(-7L)).isEqualTo("-7");
    assertThat(Texts.textOf((short) 7)).isEqualTo("7");
    assertThat(Texts.textOf(1.5)).isEqualTo("1.5");
    assertThat(Texts.textOf(new BigInteger("12345678901234567890")))
        .isEqualTo("12345678901234567890");
    assertThat(Texts.textOf(new BigDecimal("1.50"))).isEqualTo("1.50");
  }

  @Test
  void onlyTheBeginningOfALongBuilderIsCopied() { // Fault 62.
    StringBuilder builder = new StringBuilder();
    builder.append("x".repeat(Texts.COPIED_CHARS_MAX));
    builder.append(EMOJI);
    String text = Texts.textOf(builder);
    assertThat(text).hasSize(Texts.COPIED_CHARS_MAX);
    assertThat(Texts.codePointCount(builder, text)).isEqualTo(Texts.COPIED_CHARS_MAX + 1);
    assertThat(Texts.textOf(CharBuffer.wrap(builder))).isEqualTo(text);
  }

  @Test
  void enumConstantIsItsNameWhateverItsToStringSays() {
    assertThat(Texts.textOf(Answer.YES)).isEqualTo("YES");
    assertThat(Texts.textOf(TimeUnit.DAYS)).isEqualTo("DAYS");
  }

  @Test
  void valuesOfOtherTypesHaveNoTextAndAreNotAskedForOne() {
    assertThat(Texts.textOf(null)).isNull();
    assertThat(Texts.textOf(true)).isNull();
    assertThat(Texts.textOf(List.of("text"))).isNull();
    assertThat(Texts.textOf(new AtomicInteger(7))).isNull();
    assertThat(Texts.textOf(new Hostile())).isNull();
  }

  @Test
  void numberThatWouldBeLongWhenWrittenOutHasNoText() {
    assertThat(Texts.textOf(BigInteger.ONE.shiftLeft(1023))).isNotNull();
    assertThat(Texts.textOf(BigInteger.ONE.shiftLeft(1024))).isNull();
    assertThat(Texts.textOf(new BigDecimal(BigInteger.ONE, 300))).isNotNull();
    assertThat(Texts.textOf(new BigDecimal(BigInteger.ONE, 301))).isNull();
    assertThat(Texts.textOf(new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE))).isNull();
  }

  @Test
  void numberOfASubclassHasNoText() {
    BigInteger derived =
        new BigInteger("7") {
          private static final long serialVersionUID = 1L;

          @Override
          public String toString() {
            throw new AssertionError("asked for its text");
          }
        };

    assertThat(Texts.textOf(derived)).isNull();
  }

  private enum Answer {
    YES;

    @Override
    public String toString() {
      return "of course";
    }
  }

  /** Text-like, but not of the JDK. */
  private static final class Hostile implements CharSequence {
    @Override
    public int length() {
      throw new AssertionError("asked for its length");
    }

    @Override
    public char charAt(int index) {
      throw new AssertionError("asked for a char");
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw new AssertionError("asked for a part");
    }

    @Override
    public String toString() {
      throw new AssertionError("asked for its text");
    }
  }
}

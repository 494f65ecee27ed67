package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CleanTextTest {
  @Test
  void textWithNothingToReplaceIsReturnedAsItIs() {
    for (String text : new String[] {"", "plain \u00e9\u4e2d", "\ud83d\ude00 a \ud83d\ude00"}) {
      assertThat(CleanText.of(text)).isSameAs(text);
    }
  }

  @Test
  void everyNulBecomesItsSymbol() {
    assertThat(CleanText.of("\0a\0\0b\0")).isEqualTo("\u2400a\u2400\u2400b\u2400");
  }

  @Test
  void loneSurrogateBecomesTheReplacementCharacterWhereverItStands() {
    assertThat(CleanText.of("\ud83d")).isEqualTo("\ufffd");
    assertThat(CleanText.of("a\ude00b")).isEqualTo("a\ufffdb");
    assertThat(CleanText.of("\ude00\ud83d")).isEqualTo("\ufffd\ufffd");
    assertThat(CleanText.of("\ud83d\ud83d\ude00")).isEqualTo("\ufffd\ud83d\ude00");
    assertThat(CleanText.of("\ud83d\ude00\ude00")).isEqualTo("\ud83d\ude00\ufffd");
  }

  @Test
  void nulAfterAPairIsStillReplaced() {
    assertThat(CleanText.of("\ud83d\ude00\0")).isEqualTo("\ud83d\ude00\u2400");
  }

  @Test
  void lengthNeverChanges() {
    assertThat(CleanText.of("x\0\ud800y\udfff")).hasSize(5);
  }
}

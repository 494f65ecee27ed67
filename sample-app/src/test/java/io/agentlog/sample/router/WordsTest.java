package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void fillersGoAndEndingsAreCut() {
    assertThat(Words.of("Why are the queries failing?")).containsExactly("query", "fail");
  }

  @Test
  void widthCaseAndAccentsDoNotMatter() {
    assertThat(Words.of("ＣＳＳ Müller")).isEqualTo(Words.of("css mu\u0308ller"));
    assertThat(Words.of("Café")).isEqualTo(Words.of("Cafe\u0301"));
  }

  @Test
  void japaneseComposedAndDecomposedKanaAreTheSame() {
    assertThat(Words.of("デバッグ")).isEqualTo(Words.of("テ\u3099ハ\u3099ック\u3099"));
  }

  @Test
  void chineseBecomesPairsOfNeighbours() {
    assertThat(Words.of("慢查询")).containsExactly("慢查", "查询");
  }

  @Test
  void hindiVowelSignsStay() {
    assertThat(Words.of("क्वेरी धीमी")).containsExactly("क्वेरी", "धीमी");
  }

  @Test
  void shortNamesStandForLongOnes() {
    assertThat(Words.of("k8s")).isEqualTo(Words.of("Kubernetes"));
  }

  @Test
  void namesOfThreeHumpsAreParted() {
    assertThat(Words.of("CrashLoopBackOff")).containsExactly("crash", "loop", "back", "off");
    assertThat(Words.of("PostgreSQL")).containsExactly("postgresql");
  }

  @Test
  void emojiIsAWordWhateverItsSkinTone() {
    assertThat(Words.of("🔥 now")).containsExactly("🔥");
  }

  @Test
  void punctuationGivesNoWords() {
    assertThat(Words.of("??? … \u200b")).isEmpty();
  }

  @Test
  void loneSurrogatesAreSurvived() {
    assertThat(Words.of("slow \ud83d query")).contains("slow", "query");
  }
}

package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimilarityTest {
  @Test
  void typingErrorsCountLittle() {
    assertThat(Similarity.of("kubernetes", "kubernets")).isGreaterThan(0.85);
    assertThat(Similarity.of("write", "wirte")).isEqualTo(0.8);
  }

  @Test
  void shortWordsThatDifferAreDifferent() {
    assertThat(Similarity.of("test", "text")).isZero();
    assertThat(Similarity.of("pod", "pool")).isZero();
  }

  @Test
  void endingsOfOtherLanguagesAreForgiven() {
    assertThat(Similarity.of("уязвимость", "уязвимости")).isGreaterThan(0.8);
  }

  @Test
  void otherWordsAreNotAlike() {
    assertThat(Similarity.of("database", "container")).isZero();
    assertThat(Similarity.of("queue", "query")).isZero();
  }

  @Test
  void nearestNameIsFoundOnlyIfItIsNear() {
    List<String> names = List.of("postgres-tuner", "debugger");
    assertThat(Similarity.nearest("postgres-tunr", names)).isEqualTo("postgres-tuner");
    assertThat(Similarity.nearest("quantum-physicist", names)).isNull();
  }
}

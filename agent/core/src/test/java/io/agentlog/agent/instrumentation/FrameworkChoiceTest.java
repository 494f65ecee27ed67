package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code frameworks} names what is recorded, and a misspelt name is reported. */
class FrameworkChoiceTest {
  private static final List<String> NAMES = List.of("a", "a-part", "b");

  @ParameterizedTest
  @CsvSource({
    "all, a a-part b",
    "off, ''",
    "'', ''",
    "a, a a-part",
    "a-part, a-part",
    "' b ,a-part', b a-part",
    "'off,b', b",
    "A, ''"
  })
  void namesAreSeparatedByCommas(String option, String expected) {
    FrameworkChoice choice = FrameworkChoice.of(option, NAMES, List.of("x/", "x/y/", "z/"));
    assertThat(String.join(" ", choice.markers().keySet())).isEqualTo(expected);
  }

  @Test
  void unknownNameIsReportedWithTheKnownOnes() {
    FrameworkChoice choice = FrameworkChoice.of("a,spring", NAMES, List.of("x/", "x/y/", "z/"));
    assertThat(choice.problems(NAMES))
        .containsExactly(
            "frameworks: 'spring' is no framework; known are a, a-part, b, and 'all' or 'off'."
                + " Recorded are a, a-part. See docs/frameworks.md");
    assertThat(FrameworkChoice.of("none", NAMES, List.of("x/", "x/y/", "z/")).problems(NAMES))
        .first()
        .asString()
        .contains("Recorded are none.");
  }
}

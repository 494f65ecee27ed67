package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @ParameterizedTest
  @ValueSource(strings = {"00-%s-%s-01", " 00-%s-%s-00 ", "cc-%s-%s-01", "cc-%s-%s-01-what-comes"})
  void idsAreTakenFromEveryVersion(String format) {
    assertThat(TraceParent.of(format.formatted(TRACE, SPAN)))
        .isEqualTo(new TraceParent(TRACE, SPAN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"
      })
  void malformedHeaderGivesNoIds(String header) {
    assertThat(TraceParent.of(header)).isSameAs(TraceParent.NONE);
  }

  @Test
  void missingHeaderGivesNoIds() {
    assertThat(TraceParent.of(null)).isSameAs(TraceParent.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, 00000000000000000000000000000001, 0000000000000002",
    "ABC, Def, 00000000000000000000000000000abc, 0000000000000def",
    "4bf92f3577b34da6a3ce929d0e0e4736, 00f067aa0ba902b7, 4bf92f3577b34da6a3ce929d0e0e4736,"
        + " 00f067aa0ba902b7"
  })
  void idsOfATracerGetLeadingZeros(String trace, String span, String wholeTrace, String wholeSpan) {
    assertThat(TraceParent.ofIds(trace, span)).isEqualTo(new TraceParent(wholeTrace, wholeSpan));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1, 0",
    "'', 1",
    ", 1",
    "1,",
    "x, 1",
    "1, -1",
    "4bf92f3577b34da6a3ce929d0e0e47361, 1",
    "1, 00f067aa0ba902b71"
  })
  void idsThatAreNoneGiveNone(String trace, String span) {
    assertThat(TraceParent.ofIds(trace, span)).isSameAs(TraceParent.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "18446744073709551615, 255, 0000000000000000ffffffffffffffff, 00000000000000ff",
    "4bf92f3577b34da6a3ce929d0e0e4736, 16, 4bf92f3577b34da6a3ce929d0e0e4736, 0000000000000010"
  })
  void decimalsBecomeHexadecimal(String trace, String span, String wholeTrace, String wholeSpan) {
    assertThat(TraceParent.ofDecimals(trace, span))
        .isEqualTo(new TraceParent(wholeTrace, wholeSpan));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "18446744073709551616, 1", "-1, 1", "ff, 1", "1, ff", ", "})
  void noDecimalsGiveNone(String trace, String span) {
    assertThat(TraceParent.ofDecimals(trace, span)).isSameAs(TraceParent.NONE);
  }
}

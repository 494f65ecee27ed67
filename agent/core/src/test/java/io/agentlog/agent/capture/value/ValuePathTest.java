package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuePathTest {
  @Test
  void rootAloneIsAPathWithoutSteps() throws Exception {
    ValuePath path = ValuePath.parse("request");

    assertThat(path.root()).isEqualTo("request");
    assertThat(path.steps()).isEmpty();
  }

  @Test
  void stepsOfAllKindsAreReadInOrder() throws Exception {
    ValuePath path = ValuePath.parse("headers['x-id'][\"k\"][12].text");

    assertThat(path.root()).isEqualTo("headers");
    assertThat(path.steps())
        .containsExactly(
            new ValuePath.Key("x-id"),
            new ValuePath.Key("k"),
            new ValuePath.Index(12),
            new ValuePath.Name("text"));
  }

  @Test
  void spaceAroundAPathIsNoPartOfIt() throws Exception {
    assertThat(ValuePath.parse(" \ta.b\n")).isEqualTo(ValuePath.parse("a.b"));
    assertThat(ValuePath.parse(" a ").text()).isEqualTo("a");
  }

  @Test
  void keyMayHoldBracketsDotsSpacesAndTheOtherQuote() throws Exception {
    assertThat(ValuePath.parse("m['a].b [0]']").steps())
        .containsExactly(new ValuePath.Key("a].b [0]"));
    assertThat(ValuePath.parse("m[\"it's\"]").steps()).containsExactly(new ValuePath.Key("it's"));
    assertThat(ValuePath.parse("m['']").steps()).containsExactly(new ValuePath.Key(""));
  }

  @Test
  void nameIsAnyIdentifierOfJava() throws Exception {
    assertThat(ValuePath.parse("_größe.$1.\ud835\udc9c").steps())
        .containsExactly(new ValuePath.Name("$1"), new ValuePath.Name("\ud835\udc9c"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", ".a", "[0]", "1a", "a.", "a..b", "a.1", "a b", "a-b", "a[", "a[]", "a[0", "a[-1]",
        "a[+1]", "a[1x]", "a[ 0 ]", "a[key]", "a['k]", "a['k\"]", "a['k'x]", "a['", "a[']", "a]",
        "a.b()",
      })
  void whatIsNoPathIsRefusedWithAReason(String text) {
    assertThatThrownBy(() -> ValuePath.parse(text))
        .isInstanceOf(ValuePath.SyntaxException.class)
        .message()
        .isNotBlank();
    assertThat(ValuePaths.problemOf(text)).isNotBlank();
  }

  @Test
  void validPathHasNoProblem() {
    assertThat(ValuePaths.problemOf("a.b[0]['c']")).isNull();
  }

  @Test
  void indexIsRefusedOnceItIsNoInt() throws Exception {
    assertThat(ValuePath.parse("a[2147483647]").steps())
        .containsExactly(new ValuePath.Index(2147483647));
    assertThat(ValuePaths.problemOf("a[2147483648]")).isNotNull();
  }

  @Test
  void indexIsOfAsciiDigitsAlone() {
    assertThat(ValuePaths.problemOf("a[\u0661]")).isNotNull(); // An Arabic one.
  }

  @Test
  void pathIsRefusedOnceItHasMoreStepsThanTheLimit() {
    assertThat(ValuePaths.problemOf("a" + ".b".repeat(ValuePath.STEPS_MAX))).isNull();
    assertThat(ValuePaths.problemOf("a" + "[0]".repeat(ValuePath.STEPS_MAX + 1))).isNotNull();
  }

  @Test
  void pathIsRefusedOnceItIsLongerThanTheLimit() {
    assertThat(ValuePaths.problemOf("a".repeat(ValuePath.TEXT_LENGTH_MAX))).isNull();
    assertThat(ValuePaths.problemOf("a".repeat(ValuePath.TEXT_LENGTH_MAX) + " ")).isNull();
    assertThat(ValuePaths.problemOf("a".repeat(ValuePath.TEXT_LENGTH_MAX + 1))).isNotNull();
  }
}

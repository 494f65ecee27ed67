package io.agentlog.insight.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageExpressionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          validate load score{1,3} [review] decide; validate load score score decide;             matches
          validate load score{1,3} [review] decide; validate load decide;                         after `load` expected `score`, was `decide`
          validate load score{1,3} [review] decide; load;                                         at the beginning expected `validate`, was `load`
          validate load score{1,3} [review] decide; validate load score;                          after `score` expected `score` or `review` or `decide`, but it ended
          validate load score{1,3} [review] decide; validate load score score score score;        after `score` expected `review` or `decide`, was `score`
          validate load score{1,3} [review] decide; validate load score decide decide;            after `decide` expected the end, was `decide`
          a b*;                                     a c;                                          after `a` expected `b` or the end, was `c`
          a;                                        '';                                           at the beginning expected `a`, but it ended
          [a];                                      '';                                           matches
          { a b } c;                                b a c;                                        matches
          { a b } c;                                a a c;                                        after `a` expected `b`, was `a`
          { (a|b){2} [c] d };                       d a b;                                        matches
          (a|b|c|d|e|f);                            g;                                            at the beginning expected `a` or `b` or `c` or `d` or one of 2 others, was `g`
          (a*|b);                                   a b;                                          after `a` expected `a` or the end, was `b`
          """)
  void namesTheFirstDeviation(String declaration, String stages, String verdict) throws Exception {
    assertThat(said(declaration, stages)).isEqualTo(verdict);
  }

  @Test
  void takesNamesInQuotes() throws Exception {
    assertThat(StageExpression.parse("'load data' \"a|b\"+ x.y-z/1:é").stages())
        .containsExactlyInAnyOrder("load data", "a|b", "x.y-z/1:é");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      textBlock =
          """
          ~~;               1;  a stage is missing at the end
          a (b;             3;  '(' is not closed by ')'
          a (b];            5;  expected ')' for the '(' at character 3
          a );              3;  nothing was opened that ')' closes
          (a||b);           4;  a stage is missing before '|'
          a{3,1};           2;  {3,1} is no number of times; write {1,3}, {2} or {1,}
          a{b c};           2;  expected a number of times, as {1,3}; a group { } needs a blank before it
          a**;              3;  one number of times follows another; use parentheses
          * a;              1;  '*' stands for no stage
          a 'b;             3;  the quote is not closed
          { a | b };        5;  '|' within { }: write { (a|b) c }
          { a b c d e f g h i }; 1; 9 stages in any order; at most 8 are possible
          a{9999};          1;  the declaration has more than 2000 stages
          a '';             3;  a name in quotes is empty
          """)
  void saysWhereADeclarationIsWrong(String declaration, int position, String problem) {
    assertThatThrownBy(() -> StageExpression.parse(declaration))
        .isInstanceOfSatisfying(
            StageSyntaxException.class, e -> assertThat(e.position()).isEqualTo(position))
        .hasMessageStartingWith("character " + position + ": " + problem);
  }

  @Test
  void refusesDeepNesting() {
    assertThatThrownBy(() -> StageExpression.parse("(".repeat(10_000)))
        .hasMessage("character 51: groups are nested more than 50 deep");
  }

  @Test
  void refusesVeryManyGroupsThatSayNothing() {
    String text = "[".repeat(45) + "a" + "]".repeat(45) + "{1999}";
    assertThatThrownBy(() -> StageExpression.parse(text))
        .hasMessageContaining("too many groups within groups");
  }

  static String said(String declaration, String stages) throws Exception {
    Verdict verdict =
        new StageCheck(StageExpression.parse(declaration), true, false, List.of())
            .check(steps(stages.isEmpty() ? new String[0] : stages.split(" ")), true);
    return verdict.deviation() == null ? "matches" : verdict.deviation().text();
  }

  static List<Step> steps(String... stages) {
    return Arrays.stream(stages).map(stage -> new Step(stage, null, null)).toList();
  }
}

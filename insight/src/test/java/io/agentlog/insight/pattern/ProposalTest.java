package io.agentlog.insight.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProposalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          97: a b c | 3: c;                       a b c
          50: a b c | 50: a c;                    a [b] c
          60: a s c | 30: a s s s c | 10: a s s c; a s{1,3} c
          60: a c | 30: a s s s c | 10: a s s c;  a [s{1,3}] c
          60: a b b b b b b b | 40: a b;          a b+
          60: a l r l r l r d | 40: a l r d;      a (l r){1,3} d
          60: a l r l r d | 40: a d;              a [(l r){1,2}] d
          60: a x y z d | 20: a y x z d | 20: a z y x d; a { x y z } d
          100: 'load data' b;                     'load data' b
          """,
      quoteCharacter = '~')
  void suggestsWhatAllHave(String sequences, String declaration) {
    Map<List<String>, Long> seen = new HashMap<>();
    for (String sequence : sequences.split(" \\| ", -1)) {
      String[] parts = sequence.strip().split(": ", -1);
      List<String> stages =
          parts[1].startsWith("'") ? List.of("load data", "b") : List.of(parts[1].split(" "));
      seen.put(stages, Long.valueOf(parts[0]));
    }
    Proposal proposal = Proposal.of(seen, 0.95);
    assertThat(proposal).isNotNull();
    assertThat(proposal.stages()).isEqualTo(declaration);
    assertThat(proposal.covered()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void suggestsNothingForExecutionsWithoutStagesOrWithoutOrder() {
    assertThat(Proposal.of(Map.of(), 0.95)).isNull();
    assertThat(Proposal.of(Map.of(List.of(), 10L), 0.95)).isNull();
    Random random = new Random(3);
    Map<List<String>, Long> seen = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      seen.put(random.ints(10, 0, 50).mapToObj(Integer::toString).toList(), 1L);
    }
    assertThat(Proposal.of(seen, 0.95)).isNull();
  }

  @Test
  void coversWhatItSays() {
    Random random = new Random(5);
    int proposals = 0;
    for (int i = 0; i < 300; i++) {
      Map<List<String>, Long> seen = new HashMap<>();
      for (int n = random.nextInt(8); n >= 0; n--) {
        List<String> stages = new ArrayList<>();
        for (int length = 1 + random.nextInt(8); length > 0; length--) {
          stages.add("s " + random.nextInt(4));
        }
        seen.put(stages, 1L + random.nextInt(100));
      }
      Proposal proposal = Proposal.of(seen, 0.95);
      if (proposal != null) {
        proposals++;
        assertThat(proposal.covered()).as(seen.toString()).isBetween(0.95, 1.0);
      }
    }
    assertThat(proposals).isEqualTo(300);
  }
}

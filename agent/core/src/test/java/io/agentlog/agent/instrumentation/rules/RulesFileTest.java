package io.agentlog.agent.instrumentation.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.config.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesFileTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void badEntriesAreReportedWithTheirLineAndGoodOnesHold() {
    Rules rules =
        RulesText.read(
            """
            stages:
              - {method: p.A#good, percent: 100, at: exit}
              - method: p.A#run
                percent: 120
              - {method: p.A#run, percnt: 5}
              - {percent: 5}
              - {method: p.A.run}
              - {method: p.A#run, at: start}
              - {method: p.A#run, method: p.A#walk}
              - {method: p.A#run, stage: }
              - {method: p.A#run, metadata: {progress: q, 'a=b': q, k: '.'}}
              - p.A#run
              - {method: 'p.A#A'}
              - {method: '*..A#run'}
              - {method: 'p.A#run(List<String>)'}
              - {method: p.A#run, stage: [a]}
            execution:
              - {method: p.A#run}
            routing-decisions: {method: p.A#run}
            """,
            lines);

    assertThat(rules.size()).isEqualTo(2);
    String out = ". The entry is left out";
    assertThat(lines)
        .containsExactly(
            "rules.yaml:4: 'percent' must be 0..100, was 120" + out,
            "rules.yaml:5: 'percnt' is not a key here; did you mean 'percent'? It is left" + " out",
            "rules.yaml:6: 'method' is missing, as in method: com.acme.Router#route" + out,
            "rules.yaml:7: 'method' must be a class and a method with # between them, as in"
                + " com.acme.Router#route, was p.A.run"
                + out,
            "rules.yaml:8: 'at' must be entry, exit or both, was start" + out,
            "rules.yaml:9: 'method' is given twice" + out,
            "rules.yaml:10: 'stage' has no value" + out,
            "rules.yaml:11: 'metadata.progress' is reserved for the agent" + out,
            "rules.yaml:11: a key of 'metadata' must have 1 to 128 characters, no = and no control"
                + " character"
                + out,
            "rules.yaml:11: 'metadata.k' is not a value path: a path begins with a parameter's"
                + " name, argN, 'this' or 'result', was ."
                + out,
            "rules.yaml:12: an entry must have keys, as in {method: com.acme.Router#route}" + out,
            "rules.yaml:13: 'method' names a constructor, which can't be recorded, was p.A#A" + out,
            "rules.yaml:14: 'method' begins with a wildcard; a pattern of classes must begin with a"
                + " package, as in com.acme..*, was *..A#run"
                + out,
            "rules.yaml:15: 'method' has a parameter that is not a type; write the types as in"
                + " (java.lang.String, int[]), without names and type arguments, or (..) for any,"
                + " was p.A#run(List<String>)"
                + out,
            "rules.yaml:16: 'stage' must be a text, not a list or a mapping" + out,
            "rules.yaml:17: 'execution' is not a key here; did you mean 'executions'?",
            "rules.yaml:19: 'routing-decisions' must be a list. Its value is left out");
  }

  @Test
  void keysMayBeSpelledAsInTheAnnotationsAndAnUnknownOneCostsItself() {
    Rules rules =
        RulesText.read(
            """
            executions:
              - {method: p.A#run, agent: a, correlationId: q, session-id: r, qualty: result}
            """,
            lines);

    assertThat(rules.ofClass("p/A", false).get(0).execution("d"))
        .isEqualTo(new ExecutionSpec("a", "", "q", "r", "", List.of()));
    assertThat(lines)
        .containsExactly(
            "rules.yaml:2: 'qualty' is not a key here; did you mean 'quality'? It is left out");
  }

  @Test
  void instructionsAndUsedKnowledgeAreReadFromPaths() {
    Rules rules =
        RulesText.read(
            """
            executions:
              - {method: p.A#run, agent: a, instructions: request.system}
              - {method: p.A#walk, instruction: system}
            intelligence:
              - method: p.B#find
                type: pattern
                source: qdrant
                collection: docs
                context: planning
                items: result.hits
                id: item.key
                name: item['title']
                score: item.similarity
                summary: item.text
                query: question
                applied: true
              - {method: p.B#all, scores: item.x}
              - {method: p.B#bad, name: '[0]'}
            knowledge:
              - {method: p.B#none}
            """,
            lines);

    assertThat(rules.ofClass("p/A", false).get(0).execution("d"))
        .isEqualTo(new ExecutionSpec("a", "", "", "", "", List.of(), "request.system"));
    assertThat(rules.ofClass("p/B", false).get(0).intelligence())
        .isEqualTo(
            new IntelligenceSpec(
                "pattern",
                "qdrant",
                "docs",
                "planning",
                "result.hits",
                "item.key",
                "item['title']",
                "item.similarity",
                "item.text",
                "question",
                "true"));
    assertThat(rules.ofClass("p/B", false).get(1).intelligence().items()).isEqualTo("result");
    assertThat(lines)
        .containsExactly(
            "rules.yaml:3: 'instruction' is not a key here; did you mean 'instructions'? It is left"
                + " out",
            "rules.yaml:17: 'scores' is not a key here; did you mean 'score'? It is left out",
            "rules.yaml:18: 'name' is not a value path: a path begins with a parameter's name,"
                + " argN, 'this' or 'result', was [0]. The entry is left out",
            "rules.yaml:19: 'knowledge' is not a key here; the keys are executions, stages,"
                + " routing-decisions, intelligence");
  }

  @Test
  void textThatIsNotYamlGivesOneLineAndNoRules() {
    assertThat(RulesText.read("executions:\n  - {method: p.A#run\nstages: []\n", lines).isEmpty())
        .isTrue();
    assertThat(lines).singleElement().asString().startsWith("rules.yaml:3: not YAML: ");
  }

  @Test
  void bracketsNestedDeeperThanTheStackGiveOneLine() {
    assertThat(RulesText.read("executions: " + "[".repeat(200_000), lines).isEmpty()).isTrue();
    assertThat(lines).singleElement().asString().contains("not YAML");
  }

  @Test
  void yamlTagCreatesNoObject() {
    Rules rules =
        RulesText.read("executions:\n  - {method: p.A#run, agent: !!java.io.File /tmp/x}\n", lines);

    assertThat(lines).isEmpty();
    assertThat(rules.ofClass("p/A", false).get(0).execution("d").agentName()).isEqualTo("/tmp/x");
  }

  @Test
  void fileThatCantBeReadGivesOneLineAndNoRules(@TempDir Path folder) throws IOException {
    Path large = folder.resolve("large.yaml");
    Files.write(large, new byte[RulesFile.BYTES_MAX + 1]);
    Problems problems = new Problems("the rules file");

    assertThat(RulesFile.read(folder.resolve("none.yaml").toString(), problems).isEmpty()).isTrue();
    assertThat(RulesFile.read(large.toString(), problems).isEmpty()).isTrue();
    assertThat(RulesFile.read(folder.toString(), problems).isEmpty()).isTrue();
    assertThat(RulesFile.read("\0", problems).isEmpty()).isTrue();

    assertThat(problems.lines()).hasSize(4);
    assertThat(problems.lines().get(0)).contains("none.yaml can't be read: no such file");
    assertThat(problems.lines().get(1)).contains("larger than 1048576 bytes");
  }

  @Test
  void methodsAreNamedInManyWays() {
    assertMeans("p.A#run", "p/A", "run", "(I)V");
    assertMeans("p.A#run()", "p/A", "run", "()V");
    assertMeans("p.A#run(..)", "p/A", "run", "(IJ)V");
    assertMeans("p.A#run(int, ..)", "p/A", "run", "(IJ)V");
    assertMeans("p.A#run(String, int[])", "p/A", "run", "(Ljava/lang/String;[I)V");
    assertMeans("p.A#run(java.lang.String, int...)", "p/A", "run", "(Ljava/lang/String;[I)V");
    assertMeans("p.A#run(*, Entry)", "p/A", "run", "(ILjava/util/Map$Entry;)V");
    assertMeans("p.A#run(Map.Entry)", "p/A", "run", "(Ljava/util/Map$Entry;)V");
    assertMeans("p.A.B#run", "p/A$B", "run", "()V");
    assertMeans("p.A$B#run", "p/A$B", "run", "()V");
    assertMeans("p.*Router#r*n", "p/BigRouter", "run", "()V");
    assertMeans("p..*#run", "p/q/r/A", "run", "()V");
    assertMeans("p..*#run", "p/A", "run", "()V");
    assertMeans("p..q.*#run", "p/x/q/A", "run", "()V");
    assertMeans("p.*.A#run", "p/x/A", "run", "()V");

    assertMeansNot("p.A#run()", "p/A", "run", "(I)V");
    assertMeansNot("p.A#run(String)", "p/A", "run", "(Lp/OtherString;)V");
    assertMeansNot("p.A#run(int)", "p/A", "run", "([I)V");
    assertMeansNot("p.A#run", "p/A", "runs", "()V");
    assertMeansNot("p.A#run", "q/p/A", "run", "()V");
    assertMeansNot("p.*#run", "p/q/A", "run", "()V");
    assertMeansNot("p..A#run", "p/BA", "run", "()V");
  }

  private static void assertMeans(String pattern, String type, String name, String descriptor) {
    assertThat(means(pattern, type, name, descriptor)).as(pattern).isTrue();
  }

  private static void assertMeansNot(String pattern, String type, String name, String descriptor) {
    assertThat(means(pattern, type, name, descriptor)).as(pattern).isFalse();
  }

  private static boolean means(String pattern, String type, String name, String descriptor) {
    Rules rules = RulesText.of("stages: [{method: '" + pattern + "'}]");
    return rules.ofClass(type, false).stream()
        .anyMatch(rule -> rule.matchesMethod(name, descriptor));
  }
}

package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.MethodSources.StageSources;
import io.agentlog.annotations.QualityScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is read at the end of a call: quality scores, metadata of stages, routing decisions. */
class ResultSourcesTest {
  private final List<String> failures = new ArrayList<>();

  @Test
  void annotatedScoreIsReadFromWhateverClassTheResultHas() {
    ValueSource quality = quality("", "Ljava/lang/Object;");

    assertThat(quality.read(null, null, new Answer("text", 0.5))).isEqualTo(0.5);
    assertThat(quality.read(null, null, Optional.of(new Answer("text", 0.7)))).isEqualTo(0.7);
    assertThat(quality.read(null, null, "no answer")).isNull();
    assertThat(quality.usesResult()).isTrue();
    assertThat(failures).isEmpty();
  }

  @Test
  void annotatedScoreThatThrowsIsReportedAndGivesNull() {
    ValueSource quality = quality("", "Ljava/lang/Object;");

    assertThat(quality.read(null, null, new Broken(0.5))).isNull();
    assertThat(failures).singleElement().asString().contains(ArithmeticException.class.getName());
  }

  @Test
  void scoreIsNotSearchedWhereTheDeclaredResultCantHaveOne() {
    assertThat(quality("", "V")).isNull();
    assertThat(quality("", "Ljava/util/UUID;")).isNull();
  }

  @Test
  void pathOfTheScoreGoesBeforeTheAnnotation() {
    ValueSource quality = quality("result.text", "Ljava/lang/Object;");

    assertThat(quality.read(null, null, new Answer("0.9", 0.5))).isEqualTo("0.9");
  }

  @Test
  void pathOfTheScoreThatDoesNotBindIsReportedAndGivesWayToNothingElse() {
    assertThat(quality("other", "Ljava/lang/Object;")).isNull();
    assertThat(failures).singleElement().asString().startsWith("other: ");
  }

  @Test
  void metadataOfAStageIsReadAtEntryUnlessItIsOfTheResult() {
    StageSources sources = stage(StageSpec.At.BOTH, "a=a", "size=result.size");

    assertThat(sources.entryMetadata()).extracting("key").containsExactly("a");
    assertThat(sources.exitMetadata()).extracting("key").containsExactly("size");
    assertThat(failures).isEmpty();
  }

  @Test
  void resultOfAStageThatIsReportedAtEntryDoesNotBind() {
    StageSources sources = stage(StageSpec.At.ENTRY, "a=a", "size=result.size");

    assertThat(sources.entryMetadata()).extracting("key").containsExactly("a");
    assertThat(sources.exitMetadata()).isEmpty();
    assertThat(failures).singleElement().asString().startsWith("result.size: ");
  }

  @Test
  void partsOfADecisionAreReadFromResultAndArguments() {
    DecisionSources sources =
        decision(
            new DecisionSpec("result.agent", "result['c']", "a", "", "result.all[0]", "result.by"));
    Map<String, Object> result =
        Map.of(
            "agent", "x", "c", 0.5, "all", List.of("y"), "by", Map.of("trigger", 1, "context", 2));

    assertThat(sources.agent().read(null, null, result)).isEqualTo("x");
    assertThat(sources.confidence().read(null, null, result)).isEqualTo(0.5);
    assertThat(sources.strategy().read(null, new Object[] {"fast"}, result)).isEqualTo("fast");
    assertThat(sources.reasoning()).isNull();
    assertThat(sources.alternatives().read(null, null, result)).isEqualTo("y");
    assertThat(sources.trigger().read(null, null, result)).isEqualTo(1);
    assertThat(sources.context().read(null, null, result)).isEqualTo(2);
    assertThat(sources.capability().read(null, null, result)).isNull();
    assertThat(sources.historical().read(null, null, result)).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void decisionWithoutPathsHasNoSources() {
    assertThat(decision(new DecisionSpec("", "", "", "", "", "")))
        .isEqualTo(new DecisionSources(null, null, null, null, null, null, null, null, null, null));
  }

  @Test
  void partsThatAMethodIsNotMarkedForHaveNoSources() {
    MethodSources sources = bind("V", null, null, null);

    assertThat(sources).isEqualTo(new MethodSources(null, null, null, null, null));
  }

  private ValueSource quality(String path, String result) {
    ExecutionSpec execution = new ExecutionSpec("agent", "", "", "", path, List.of());
    return bind(result, execution, null, null).execution().quality();
  }

  private StageSources stage(StageSpec.At at, String... metadata) {
    StageSpec stage = new StageSpec("stage", -1, at, List.of(metadata));
    return bind("Ljava/util/List;", null, stage, null).stage();
  }

  private DecisionSources decision(DecisionSpec decision) {
    return bind("Ljava/util/Map;", null, null, decision).decision();
  }

  /** A method with one parameter {@code a}. */
  private MethodSources bind(
      String result, ExecutionSpec execution, StageSpec stage, DecisionSpec decision) {
    ParameterSpec parameter = new ParameterSpec("a", Set.of(), null);
    String descriptor = "(Ljava/lang/String;)" + result;
    return MethodSources.bind(
        new MethodSpec(
            "app.A", "run", descriptor, false, List.of(parameter), execution, stage, decision),
        ResultSourcesTest.class,
        type -> {},
        (method, path, reason) -> failures.add(path + ": " + reason));
  }

  record Answer(String text, @QualityScore double score) {}

  record Broken(@QualityScore double score) {
    @Override
    @QualityScore
    public double score() {
      throw new ArithmeticException(UUID.randomUUID().toString());
    }
  }
}

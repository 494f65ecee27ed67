package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Arrays and boxes are made only for values that a plan reads. */
class PlanNeedsTest {
  @Test
  void executionTakesAllArgumentsBecauseTheyAreFoundByNameAndType() {
    assertThat(PlanNeeds.arguments(execution("(I)V", ""))).isTrue();
  }

  @Test
  void primitiveResultIsBoxedOnlyWhereAPathReadsIt() {
    assertThat(PlanNeeds.result(execution("(I)I", ""))).isFalse();
    assertThat(PlanNeeds.result(execution("(I)I", "arg0"))).isFalse();
    assertThat(PlanNeeds.result(execution("(I)D", " result "))).isTrue();
    assertThat(PlanNeeds.result(execution("(I)I", "", "size=result"))).isTrue();
    assertThat(PlanNeeds.result(execution("(I)I", "", "size=results"))).isFalse();
    assertThat(PlanNeeds.result(execution("(I)Lp/Answer;", "")))
        .isTrue(); // A member may be marked.
    assertThat(PlanNeeds.result(execution("(I)V", ""))).isFalse();
  }

  @Test
  void stageTakesWhatItsPathsRead() {
    assertThat(PlanNeeds.arguments(stage("(I)I"))).isFalse();
    assertThat(PlanNeeds.arguments(stage("(I)I", "n=result", "m=this.name"))).isFalse();
    assertThat(PlanNeeds.arguments(stage("(I)V", "n=result")))
        .isTrue(); // Here a name of a parameter.
    assertThat(PlanNeeds.arguments(stage("(I)I", "n=results[0]"))).isTrue();
    assertThat(PlanNeeds.result(stage("(I)I"))).isFalse();
    assertThat(PlanNeeds.result(stage("(I)Lp/Answer;"))).isTrue(); // The result may complete later.
    assertThat(PlanNeeds.result(stage("(I)I", "n=result"))).isTrue();
  }

  @Test
  void decisionThatIsReadFromItsResultTakesNoArguments() {
    assertThat(PlanNeeds.arguments(decision("result.agent", ""))).isFalse();
    assertThat(PlanNeeds.arguments(decision("result.agent", "request.text"))).isTrue();
    assertThat(PlanNeeds.result(decision("request.agent", ""))).isTrue();
  }

  @Test
  void usedKnowledgeTakesAnyResultAndTheArgumentsThatItsPathsRead() {
    assertThat(PlanNeeds.result(knowledge("result", "", ""))).isTrue();
    assertThat(PlanNeeds.arguments(knowledge("result", "item.name", ""))).isFalse();
    assertThat(PlanNeeds.arguments(knowledge("result", "n.name", ""))).isTrue();
    assertThat(PlanNeeds.arguments(knowledge("n", "", ""))).isTrue();
    assertThat(PlanNeeds.arguments(knowledge("result", "", "n"))).isTrue();
    assertThat(PlanNeeds.arguments(knowledge("result", "", "result.query"))).isFalse();
  }

  private static MethodSpec knowledge(String items, String name, String query) {
    return spec("(I)I", null, null, null)
        .marked(
            null, new IntelligenceSpec("", "", "", "", items, "", name, "", "", query, "false"));
  }

  private static MethodSpec execution(String descriptor, String quality, String... metadata) {
    return spec(
        descriptor, new ExecutionSpec("a", "", "", "", quality, List.of(metadata)), null, null);
  }

  private static MethodSpec stage(String descriptor, String... metadata) {
    return spec(
        descriptor, null, new StageSpec("s", -1, StageSpec.At.EXIT, List.of(metadata)), null);
  }

  private static MethodSpec decision(String agent, String reasoning) {
    return spec("(I)I", null, null, new DecisionSpec(agent, "", "", reasoning, "", ""));
  }

  private static MethodSpec spec(
      String descriptor,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision) {
    List<ParameterSpec> parameters = List.of(new ParameterSpec("n", Set.of(), null));
    return new MethodSpec("T", "run", descriptor, false, parameters, execution, stage, decision);
  }
}

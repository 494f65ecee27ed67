package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.capture.value.MethodSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MethodPlansTest {
  private static class Base {}

  private static final class Sub extends Base {}

  private final List<MethodSpec> specs = new ArrayList<>(List.of(spec("a", "()V", "a()V")));
  private final MethodPlans plans =
      new MethodPlans(
          type -> List.copyOf(specs),
          new CaptureLimits(100, 100, 100),
          type -> {},
          (method, path, reason) -> {});

  @Test
  void plansOfARedefinedClassAreFoundAlthoughItsFirstOnesWereBound() {
    assertThat(plans.of(Sub.class, 0).spec.name()).isEqualTo("a");
    specs.add(spec("b", "()V", "b()V"));

    assertThat(plans.of(Sub.class, 1).spec.name()).isEqualTo("b");
    assertThat(plans.of(Sub.class, 0).spec.name()).isEqualTo("a");
    assertThat(plans.of(Sub.class, 2)).isNull();
  }

  @Test
  void overloadIsNoSuperCall() {
    MethodPlan text = plan(Base.class, "run", "(Ljava/lang/String;)V");
    MethodPlan number = plan(Sub.class, "run", "(Ljava/lang/Integer;)V");

    assertThat(text.isOverriddenBy(number)).isFalse();
  }

  @Test
  void superCallIsKnownThroughTheBridgeOfAGenericMethod() {
    MethodPlan generic = plan(Base.class, "run", "(Ljava/lang/Object;)V");
    MethodSpec spec =
        spec(
            "run", "(Ljava/lang/String;)V", "run(Ljava/lang/String;)V", "run(Ljava/lang/Object;)V");

    assertThat(generic.isOverriddenBy(plan(Sub.class, spec))).isTrue();
    assertThat(plan(Sub.class, spec).isOverriddenBy(generic)).isFalse();
  }

  @Test
  void privateMethodOfTheSameSignatureIsAnExecutionOfItsOwn() {
    MethodPlan hidden = plan(Base.class, spec("run", "()V"));

    assertThat(hidden.isOverriddenBy(plan(Sub.class, "run", "()V"))).isFalse();
  }

  private static MethodPlan plan(Class<?> type, String name, String descriptor) {
    return plan(type, spec(name, descriptor, name + descriptor));
  }

  private static MethodPlan plan(Class<?> type, MethodSpec spec) {
    return new MethodPlan(spec, type, new MethodSources(null, null, null, null, null), 100);
  }

  private static MethodSpec spec(String name, String descriptor, String... signatures) {
    return new MethodSpec(
        "p.Sub",
        name,
        descriptor,
        false,
        Set.of(signatures),
        List.of(),
        null,
        new StageSpec(name, -1, StageSpec.At.ENTRY, List.of()),
        null,
        null,
        null);
  }
}

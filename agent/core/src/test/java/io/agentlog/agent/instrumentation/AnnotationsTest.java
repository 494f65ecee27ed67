package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.IntelligenceUsed;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.RoutingDecision;
import java.lang.reflect.Method;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Services are compiled against the annotations, so a new element must not be demanded of them. */
class AnnotationsTest {
  @Test
  void elementsHaveDefaultsExceptTheOneThatNeverHad() {
    assertThat(
            Stream.of(
                    AgentExecution.class,
                    IntelligenceUsed.class,
                    Metadata.class,
                    ProgressStage.class,
                    RoutingDecision.class)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(element -> element.getDefaultValue() == null)
                .map(AnnotationsTest::name))
        .containsExactly("Metadata.value");
  }

  private static String name(Method element) {
    return element.getDeclaringClass().getSimpleName() + "." + element.getName();
  }
}

package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.config.ConfigLoader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class WeavingScopeTest {
  private static final Map<String, byte[]> FILES =
      Sources.compile(
          "package p; public class A { @AgentExecution(\"bill.eu\") void run() {} }",
          "package p; public class B { @AgentExecution(\"search\") void run() {}"
              + " @AgentExecution(\"bill-us\") @ProgressStage(\"s\") void staged() {} }",
          "package p; public class C { @IntelligenceUsed Object find() { return null; }"
              + " @ProgressStage @IntelligenceUsed Object step() { return null; } }");

  @Test
  void everythingIsWovenUnlessItIsExcluded() throws Exception {
    assertThat(woven("service", "any")).containsExactly("A.run", "B.run", "B.staged", "C.step");
  }

  @Test
  void excludedClassIsLeftAsItIs() throws Exception {
    assertThat(woven("exclude.classes", "q.X, p.A")).containsExactly("B.run", "B.staged", "C.step");
    assertThat(woven("exclude.classes", "p..*")).isEmpty();
  }

  @Test
  void classesOfAnExcludedLoaderAreLeftAsTheyAre() throws Exception {
    assertThat(woven("exclude.loaders", WeavingLoader.class.getName())).isEmpty();
    assertThat(woven("exclude.loaders", "java..*")).hasSize(4);
  }

  @Test
  void methodOfADisabledAgentIsWovenForItsStageAlone() throws Exception {
    assertThat(woven("agents.disabled", "bill*")).containsExactly("B.run", "B.staged", "C.step");
    assertThat(woven("agents.disabled", "*")).containsExactly("B.staged", "C.step");
  }

  @Test
  void methodThatUsesKnowledgeIsWovenOnlyIfTheWholeTraceIsRecorded() throws Exception {
    assertThat(woven("traceability", "true"))
        .containsExactly("A.run", "B.run", "B.staged", "C.find", "C.step");
    assertThat(woven("traceability", "false"))
        .containsExactly("A.run", "B.run", "B.staged", "C.step");
  }

  private static List<String> woven(String key, String value) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("agentlog." + key, value);
    AgentTransformer transformer =
        new AgentTransformer(
            Rules.NONE,
            WeavingScope.of(ConfigLoader.load(null, properties, Map.of())),
            new Surroundings(type -> {}, new Counters()),
            FrameworkWeaving.none(),
            new Counters(),
            () -> {},
            () -> {});
    WeavingLoader loader = new WeavingLoader(transformer, FILES);
    List<String> woven = new java.util.ArrayList<>();
    for (String name : List.of("p.A", "p.B", "p.C")) {
      for (MethodSpec spec : transformer.wovenMethodsOf(loader.load(name))) {
        woven.add(name.substring(2) + "." + spec.name());
      }
    }
    return woven;
  }
}

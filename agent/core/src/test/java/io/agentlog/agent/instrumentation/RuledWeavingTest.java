package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.instrumentation.rules.RulesText;
import io.agentlog.agent.metrics.Counters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Classes without annotations are woven by the rules of a file. */
class RuledWeavingTest {
  private final RecordingBridge bridge = new RecordingBridge();

  @AfterEach
  void disconnect() {
    bridge.close();
    assertThat(RecordingBridge.suppressedErrors()).isZero();
  }

  @Test
  void methodIsAnExecutionThoughItsLoaderCantSeeTheAnnotations() throws Exception {
    Rules rules = RulesText.of("executions:\n  - {method: p.A#run, agent: mine, prompt: q}");
    AgentTransformer transformer = transformer(rules);
    Class<?> type =
        new Blind(transformer, "package p; public class A { String run(String q) { return q; } }")
            .load("p.A");

    WeavingLoader.call(type, "run", "x");

    assertThat(bridge.calls).containsExactly("enter A#0 [x]", "exit A#0 x");
    MethodSpec spec = transformer.wovenMethodsOf(type).get(0);
    assertThat(spec.execution()).isEqualTo(new ExecutionSpec("mine", "q", "", "", "", List.of()));
    assertThat(rules.unmatched()).isEmpty();
  }

  @Test
  void ruleOfASupertypeHoldsForImplementationsAndNamesTheAgentAfterIt() throws Exception {
    Rules rules = RulesText.of("executions: [{method: p.TaskHandler#handle}]");
    AgentTransformer transformer = transformer(rules);
    Blind loader =
        new Blind(
            transformer,
            "package p; public interface TaskHandler<T> { Object handle(T t); }",
            "package p; public abstract class Base implements TaskHandler<String> {}",
            "package p; public class Impl extends Base { public String handle(String s) { return s;"
                + " } }");

    Class<?> type = loader.load("p.Impl");
    WeavingLoader.call(type, "handle", "x");

    assertThat(bridge.calls).containsExactly("enter Impl#0 [x]", "exit Impl#0 x");
    assertThat(transformer.wovenMethodsOf(type).get(0).execution().agentName())
        .isEqualTo("task-handler");
  }

  @Test
  void supertypeMayBelongToTheJdk() throws Exception {
    AgentTransformer transformer =
        transformer(RulesText.of("executions: [{method: 'java.util.concurrent.Callable#call'}]"));
    Blind loader =
        new Blind(
            transformer,
            "package p; public class A implements java.util.concurrent.Callable<String> { public"
                + " String call() { return \"x\"; } }");

    WeavingLoader.call(loader.load("p.A"), "call");

    assertThat(bridge.calls).containsExactly("enter A#0", "exit A#0 x");
  }

  @Test
  void oneMethodMayBeExecutionStageAndDecision() throws Exception {
    AgentTransformer transformer =
        transformer(
            RulesText.of(
                """
                executions:
                  - method: p.A#run
                stages:
                  - {method: 'p.A#run(String)', percent: 50, at: both, metadata: {k: q}}
                routing-decisions:
                  - {method: p.A#run, agent: result.name}
                """));
    Class<?> type =
        new Blind(transformer, "package p; public class A { String run(String q) { return q; } }")
            .load("p.A");

    MethodSpec spec = transformer.wovenMethodsOf(type).get(0);
    assertThat(spec.execution().agentName()).isEqualTo("a");
    assertThat(spec.stage()).isEqualTo(new StageSpec("run", 50, StageSpec.At.BOTH, List.of("k=q")));
    assertThat(spec.decision().agent()).isEqualTo("result.name");
    assertThat(spec.decision().confidence()).isEqualTo("result.confidence");
  }

  @Test
  void ruleWinsAsAWholeOverTheAnnotationOfItsKindAndLeavesTheOthers() throws Exception {
    AgentTransformer transformer =
        transformer(RulesText.of("executions: [{method: p.A#run, quality: result}]"));
    WeavingLoader loader =
        new WeavingLoader(
            transformer,
            Sources.compile(
                "package p; public class A { @AgentExecution(value = \"theirs\", prompt = \"q\")"
                    + " @ProgressStage(\"s\") String run(String q) { return q; } }"));

    MethodSpec spec = transformer.wovenMethodsOf(loader.load("p.A")).get(0);

    assertThat(spec.execution()).isEqualTo(new ExecutionSpec("a", "", "", "", "result", List.of()));
    assertThat(spec.stage().stage()).isEqualTo("s");
  }

  @Test
  void firstOfSeveralRulesOfOneKindWins() throws Exception {
    AgentTransformer transformer =
        transformer(
            RulesText.of(
                """
                executions:
                  - {method: 'p.*#r*', agent: wild}
                  - {method: p.A#run, agent: exact}
                """));
    Class<?> type =
        new Blind(transformer, "package p; public class A { void run() {} }").load("p.A");

    assertThat(transformer.wovenMethodsOf(type).get(0).execution().agentName()).isEqualTo("wild");
  }

  @Test
  void wildcardMatchesNoLambdaConstructorOrGeneratedClass() throws Exception {
    AgentTransformer transformer = transformer(RulesText.of("stages: [{method: 'p..*#*'}]"));
    String[] sources = {
      "package p; public class A { public void run() { Runnable r = () -> {}; r.run(); } }",
      "package p; public class A_Subclass extends A { void other() {} }",
      "package p; public class Sub extends A { class Inner { void deep() {} } }"
    };
    Map<String, byte[]> files = Sources.compile(sources);
    files.put("p/A_Subclass", Sources.compile(List.of("-g:none"), sources).get("p/A_Subclass"));
    Blind loader = new Blind(transformer, files);

    assertThat(transformer.wovenMethodsOf(loader.load("p.A")))
        .extracting(MethodSpec::name)
        .containsExactly("run");
    assertThat(transformer.wovenMethodsOf(loader.load("p.A_Subclass"))).isEmpty();
    assertThat(transformer.wovenMethodsOf(loader.load("p.Sub$Inner"))).hasSize(1);
  }

  @Test
  void ruleThatMatchedNothingIsReportedWithSimilarNames() throws Exception {
    Rules rules =
        RulesText.of(
            """
            executions:
              - method: p.Ruoter#route
              - method: wrong.Router#route
              - method: p.Router#rout
              - method: 'p.Router#route(int)'
              - method: 'p.*Ruoter#route'
              - method: p.Contract#route
            """);
    Blind loader =
        new Blind(
            transformer(rules),
            "package p; public class Router { void route(String q) {} void other() {} }",
            "package p; public interface Contract { void route(); }");
    loader.load("p.Router");
    loader.load("p.Contract");

    assertThat(rules.unmatched())
        .containsExactly(
            "rules.yaml:2: p.Ruoter#route matched nothing: no class p.Ruoter was loaded."
                + " Did you mean p.Router?",
            "rules.yaml:3: wrong.Router#route matched nothing: no class wrong.Router was loaded."
                + " Did you mean p.Router?",
            "rules.yaml:4: p.Router#rout matched nothing: p.Router declares no such method (name an"
                + " inherited method by the class that declares it). Did you mean"
                + " route(java.lang.String)?",
            "rules.yaml:5: p.Router#route(int) matched nothing: p.Router declares no such method"
                + " (name an inherited method by the class that declares it). Did you mean"
                + " route(java.lang.String)?",
            "rules.yaml:6: p.*Ruoter#route matched nothing: no class that matches p.*Ruoter was"
                + " loaded",
            "rules.yaml:7: p.Contract#route matched nothing: p.Contract declares the method, but no"
                + " loaded class implements it");
  }

  private static AgentTransformer transformer(Rules rules) {
    return new AgentTransformer(
        rules,
        WeavingScope.ALL,
        new Surroundings(type -> {}, new Counters()),
        FrameworkWeaving.none(),
        new Counters(),
        () -> {},
        () -> {});
  }

  /** A loader that does not see the annotations, as in an application without their jar. */
  private static final class Blind extends WeavingLoader {
    Blind(AgentTransformer transformer, String... sources) {
      this(transformer, Sources.compile(sources));
    }

    private Blind(AgentTransformer transformer, Map<String, byte[]> files) {
      super(new BridgeOnly(), transformer, files);
    }
  }

  private static final class BridgeOnly extends ClassLoader {
    BridgeOnly() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("io.agentlog.agent.bootstrap.")) {
        return Class.forName(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}

package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MethodMatcherTest {
  private final List<String> refusals = new ArrayList<>();

  @Test
  void signaturesAreThoseThatASuperCallMayHave() {
    List<MethodSpec> specs =
        match(
            "p/Sub",
            """
            package p;
            public class Sub extends Base<String> {
              @AgentExecution void run(String q) {}
              @AgentExecution void run(Integer q) {}
              @AgentExecution private void hidden() {}
              @AgentExecution static void shared() {}
            }
            """,
            "package p; public class Base<T> { void run(T q) {} }");

    assertThat(specs)
        .extracting(MethodSpec::signatures)
        .map(List::copyOf)
        .satisfiesExactly(
            run ->
                assertThat(run)
                    .containsExactlyInAnyOrder(
                        "run(Ljava/lang/String;)V", "run(Ljava/lang/Object;)V"),
            run -> assertThat(run).containsExactly("run(Ljava/lang/Integer;)V"),
            hidden -> assertThat(hidden).isEmpty(),
            shared -> assertThat(shared).isEmpty());
  }

  @Test
  void parameterAnswersToItsNameInTheAnnotatedDeclaration() {
    MethodSpec spec =
        match(
                "p/Impl",
                "package p; public interface Iface { @AgentExecution(prompt = \"request\") void"
                    + " run(String request); }",
                "package p; public class Impl implements Iface { public void run(String r) {} }")
            .get(0);

    assertThat(spec.parameters()).extracting(ParameterSpec::name).containsExactly("r");
    assertThat(spec.parameters().get(0).aliases()).containsExactlyInAnyOrder("r", "request");
  }

  @Test
  void annotatedDeclarationDecidesWhereParameterNamesDiffer() {
    MethodSpec spec =
        match(
                "p/Impl",
                "package p; public interface Iface { @AgentExecution void run(String q, String"
                    + " prompt); }",
                "package p; public class Impl implements Iface { public void run(String prompt,"
                    + " String x) {} }")
            .get(0);

    assertThat(spec.parameters().get(0).aliases()).containsExactly("q");
    assertThat(spec.parameters().get(1).aliases()).containsExactlyInAnyOrder("prompt", "x");
  }

  @Test
  void packagePrivateMethodIsInheritedInItsPackageAlone() {
    String base = "package p; public class Base { @AgentExecution void run() {} }";

    assertThat(match("q/Sub", base, "package q; public class Sub extends p.Base { void run() {} }"))
        .isEmpty();
    assertThat(match("p/Sub", base, "package p; public class Sub extends Base { void run() {} }"))
        .hasSize(1);
  }

  @Test
  void protectedMethodIsInheritedAcrossPackages() {
    assertThat(
            match(
                "q/Sub",
                "package p; public class Base { @AgentExecution protected void run() {} }",
                "package q; public class Sub extends p.Base { protected void run() {} }"))
        .hasSize(1);
  }

  @Test
  void routingDecisionThatReturnsNothingIsRefusedAndTheRestIsWoven() {
    List<MethodSpec> specs =
        match(
            "p/A",
            """
            package p;
            public class A {
              @RoutingDecision void decide() {}
              @RoutingDecision @AgentExecution void run() {}
            }
            """);

    assertThat(specs).extracting(MethodSpec::name).containsExactly("run");
    assertThat(specs.get(0).decision()).isNull();
    assertThat(refusals)
        .containsExactly(
            "p.A.decide (@RoutingDecision): a decision is read from the result, but the method"
                + " returns nothing",
            "p.A.run (@RoutingDecision): a decision is read from the result, but the method returns"
                + " nothing");
  }

  @Test
  void usedKnowledgeOfAMethodThatReturnsNothingNeedsAPathToItsItems() {
    List<MethodSpec> specs =
        match(
            "p/A",
            """
            package p;
            public class A {
              @IntelligenceUsed void find() {}
              @IntelligenceUsed(items = "result.hits") @ProgressStage void search() {}
              @IntelligenceUsed(items = "results", type = "t", applied = "true") void use(Object results) {}
            }
            """);

    assertThat(specs).extracting(MethodSpec::name).containsExactly("search", "use");
    assertThat(specs.get(0).intelligence()).isNull();
    assertThat(specs.get(1).intelligence().appliedAlways()).isTrue();
    assertThat(refusals).hasSize(2);
    assertThat(refusals.get(0))
        .isEqualTo(
            "p.A.find (@IntelligenceUsed): the items are read from the result, but the method"
                + " returns nothing; give 'items' a path that begins with a parameter or 'this'");
    assertThat(refusals.get(1)).startsWith("p.A.search (@IntelligenceUsed): ");
  }

  @Test
  void usedKnowledgeIsInheritedAndReadFromTheResultWithoutFurtherWords() {
    List<MethodSpec> specs =
        match(
            "p/A",
            "package p; public class A implements Base { public Object find(String q) { return q; }"
                + " }",
            "package p; public interface Base { @IntelligenceUsed(source = \"s\", context = \"c\", query ="
                + " \"q\") Object find(String q); }");

    assertThat(specs).hasSize(1);
    assertThat(specs.get(0).intelligence())
        .isEqualTo(new IntelligenceSpec("", "s", "", "c", "result", "", "", "", "", "q", ""));
    assertThat(refusals).isEmpty();
  }

  @Test
  void nativeMethodIsRefused() { // Fault 71.
    assertThat(match("p/A", "package p; public class A { @AgentExecution native void run(); }"))
        .isEmpty();
    assertThat(refusals).containsExactly("p.A.run: a native method has no code to weave into");
  }

  @Test
  void codeInASuperclassThatDoesNotKnowTheInterfaceIsReported() {
    assertThat(
            match(
                "p/Sub",
                "package p; public interface Iface { @AgentExecution void run(); }",
                "package p; public class Base { public void run() {} }",
                "package p; public class Sub extends Base implements Iface {}"))
        .isEmpty();
    assertThat(refusals).singleElement().asString().startsWith("p.Sub.run: its code is in a super");
  }

  @Test
  void codeThatIsWovenInASupertypeIsNotReported() {
    match(
        "p/Sub",
        """
        package p; public interface Iface {
          @AgentExecution void run();
          @AgentExecution default void other() {}
        }
        """,
        "package p; public class Base implements Iface { public void run() {} }",
        "package p; public class Sub extends Base implements Iface {}");

    assertThat(refusals).isEmpty();
  }

  private List<MethodSpec> match(String name, String... sources) {
    Map<String, byte[]> files = Sources.compile(sources);
    WeavingLoader loader = new WeavingLoader(null, files);
    LoaderTypes types = new LoaderTypes(new MarkedMethods(Rules.NONE));
    ClassFileScan scan = ClassFileScan.of(files.get(name));
    List<DeclaredMethod> declared = DeclaredMethods.of(files.get(name));
    List<DeclaredMethod> inherited = types.inheritedBy(name, scan, declared, loader);
    MethodMatcher matcher = new MethodMatcher((method, why) -> refusals.add(method + ": " + why));
    String typeName = name.replace('/', '.');
    List<MethodSpec> specs = matcher.match(typeName, declared, inherited);
    matcher.reportUnreachable(
        typeName, declared, inherited, types.inheritedFrom(scan.superName(), loader));
    return specs;
  }
}

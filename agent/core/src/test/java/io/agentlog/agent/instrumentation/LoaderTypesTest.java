package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoaderTypesTest {
  private final Map<String, byte[]> files =
      new HashMap<>(
          Sources.compile(
              "package p; public interface Iface { @AgentExecution void run(); }",
              "package p; public class Middle { }",
              "package p; public abstract class Marked extends Middle implements Iface { }",
              "package p; public class Low extends Marked { public void run() {} }",
              "package p; public class Clean extends Middle { }",
              "package p; public class Cleaner extends Clean { }"));

  private final List<String> asked = new ArrayList<>();

  private final WeavingLoader loader =
      new WeavingLoader(null, files) {
        @Override
        public java.net.URL getResource(String name) {
          asked.add(name);
          return super.getResource(name);
        }

        @Override
        public java.io.InputStream getResourceAsStream(String name) {
          asked.add(name);
          byte[] file = files.get(name.substring(0, name.length() - ".class".length()));
          return file == null ? null : new java.io.ByteArrayInputStream(file);
        }
      };

  private final LoaderTypes types = new LoaderTypes(new MarkedMethods(Rules.NONE));

  @Test
  void annotationsAreFoundBehindTypesWithoutAny() {
    assertThat(inheritedBy("p/Low")).singleElement().extracting("name").isEqualTo("run");
    assertThat(inheritedBy("p/Low")).hasSize(1);
  }

  /** The JVM may hold a lock of the loader, and another thread that of the loader's own code. */
  @Test
  void loaderIsNotCalledForAClassThatInheritsFromTheJdkAlone() {
    AgentTransformer transformer =
        new AgentTransformer(
            Rules.NONE,
            WeavingScope.ALL,
            new Surroundings(type -> {}, new Counters()),
            FrameworkWeaving.none(),
            new Counters(),
            () -> {},
            () -> {});
    assertThat(transform(transformer, "p/Middle")).isNull();
    assertThat(asked).isEmpty();
    assertThat(transform(transformer, "p/Iface")).isNull(); // Annotated: what implements it counts.
    assertThat(asked).containsExactly("io/agentlog/annotations/AgentExecution.class");
    assertThat(transform(transformer, "p/Low")).isNotNull();
    assertThat(asked).contains("p/Marked.class").doesNotContain("p/Middle.class");
  }

  private byte[] transform(AgentTransformer transformer, String name) {
    return transformer.transform(loader, name, null, null, files.get(name));
  }

  @Test
  void cleanAncestryIsReadOnceAndStaysClean() {
    assertThat(inheritedBy("p/Clean")).isEmpty();
    assertThat(inheritedBy("p/Cleaner")).isEmpty();
    assertThat(inheritedBy("p/Cleaner")).isEmpty();
    assertThat(inheritedBy("p/Low")).hasSize(1);
    assertThat(asked).containsOnlyOnce("p/Middle.class").doesNotContain("p/Clean.class");
  }

  @Test
  void unreadableSupertypeIsKnownOnceItsClassIsDefined() {
    byte[] generated = files.remove("p/Iface"); // A class made at run time has no resource.
    assertThat(inheritedBy("p/Low")).isEmpty();

    files.put("p/Iface", generated);
    inheritedBy("p/Iface");

    assertThat(inheritedBy("p/Low")).hasSize(1);
    assertThat(types.inheritedFrom("p/Marked", loader)).hasSize(1);
  }

  @Test
  void typesBeyondTheLimitAreReadAgainAndNotKept() {
    LoaderTypes small = new LoaderTypes(new MarkedMethods(Rules.NONE), 1);
    for (String name : List.of("p/Clean", "p/Cleaner", "p/Low")) {
      inheritedBy(small, name);
    }

    assertThat(small.size()).isEqualTo(1);
    assertThat(inheritedBy(small, "p/Low")).hasSize(1);
  }

  @Test
  void circularHierarchyInheritsNothing() {
    Map<String, byte[]> circle =
        Sources.compile("package p; public class A { }", "package p; public class B extends A { }");
    files.putAll(circle);
    ClassFileScan selfExtending = new ClassFileScan(false, false, "p/X", List.of("p/X", "p/B"));

    assertThat(types.inheritedBy("p/X", selfExtending, List.of(), loader)).isEmpty();
  }

  private List<DeclaredMethod> inheritedBy(String name) {
    return inheritedBy(types, name);
  }

  private List<DeclaredMethod> inheritedBy(LoaderTypes known, String name) {
    byte[] file = files.get(name);
    ClassFileScan scan = ClassFileScan.of(file);
    return known.inheritedBy(
        name, scan, scan.isAnnotated() ? DeclaredMethods.of(file) : List.of(), loader);
  }
}

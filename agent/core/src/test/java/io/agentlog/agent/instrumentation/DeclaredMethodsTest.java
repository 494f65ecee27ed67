package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.config.AgentNames;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredMethodsTest {
  @ParameterizedTest
  @CsvSource({
    "Router, router",
    "HTTPRouter2Impl, http-router2-impl",
    "RouterHTTP, router-http",
    "my_Router, my-router",
    "A, a",
    "ABC, abc"
  })
  void agentIsNamedAfterItsClassInKebabCase(String simpleName, String agent) {
    assertThat(AgentNames.kebabCase(simpleName)).isEqualTo(agent);
  }

  @ParameterizedTest
  @CsvSource({
    "Router, Router",
    "com/acme/Router, Router",
    "com/acme/Outer$Inner, Inner",
    "com/acme/Outer$1Local, Local",
    "com/acme/Outer$1, Outer",
    "com/acme/Outer$Inner$12, Inner",
    "com/acme/Router$, Router",
    "com/acme/$, $"
  })
  void nameOfAnAgentIsNeverEmpty(String internalName, String simpleName) {
    assertThat(DeclaredMethods.simpleName(internalName)).isEqualTo(simpleName);
  }

  @Test
  void secondAnnotationOfAParameterLeavesTheMetadataKey() {
    List<ParameterSpec> parameters =
        run(
                List.of("-parameters"),
                """
                package p;
                public class A {
                  @AgentExecution void run(@Metadata("k") @Prompt String q, @Prompt @Metadata("j") String r) {}
                }
                """)
            .parameters();

    assertThat(parameters).extracting(ParameterSpec::metadataKey).containsExactly("k", "j");
    assertThat(parameters.get(0).marks()).containsExactlyInAnyOrder("Metadata", "Prompt");
  }

  @Test
  void parameterNamesComeFromDebugInfoElseFromPositions() {
    String source =
        "package p; public class A { @AgentExecution void run(long time, String q) {} }";

    assertThat(names(run(List.of("-g:none", "-parameters"), source))).containsExactly("time", "q");
    assertThat(names(run(List.of("-g"), source))).containsExactly("time", "q");
    assertThat(names(run(List.of("-g:none"), source))).containsExactly("arg0", "arg1");
  }

  private static List<String> names(DeclaredMethod method) {
    return method.parameters().stream().map(ParameterSpec::name).toList();
  }

  private static DeclaredMethod run(List<String> options, String source) {
    Map<String, byte[]> files = Sources.compile(options, source);
    return DeclaredMethods.of(files.get("p/A")).stream()
        .filter(method -> method.name().equals("run"))
        .findFirst()
        .orElseThrow();
  }
}

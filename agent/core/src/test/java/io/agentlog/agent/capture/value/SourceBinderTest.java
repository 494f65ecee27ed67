package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceBinderTest {
  private final List<String> failures = new ArrayList<>();

  @Test
  void pathMayNameAParameterAsTheAnnotatedDeclarationDoes() {
    ExecutionSources sources = bind("request", parameter("r", "r", "request"));

    assertThat(sources.prompt()).isNotNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void knownNameMatchesAParameterThatAnotherDeclarationNamesSo() {
    ExecutionSources sources = bind("", parameter("x"), parameter("p", "p", "userPrompt"));

    assertThat(sources.prompt()).isNotNull();
  }

  @Test
  void nameThatMeansAnotherParameterWhereTheAnnotationStandsIsNotTakenHere() {
    ExecutionSources sources = bind("a.length", parameter("a", "b"), parameter("b", "a"));

    assertThat(sources.prompt().read(null, new Object[] {"12", "1234"}, null)).isEqualTo(4);
  }

  @Test
  void messageAboutAnUnknownParameterListsAllNamesOfTheOthers() {
    bind("req", parameter("r", "r", "request"));

    assertThat(failures)
        .singleElement()
        .asString()
        .contains("no parameter 'req'; the method has r, request");
  }

  /** As an application writes it. */
  public static class Request {
    private final String prompt;

    Request(String prompt) {
      this.prompt = prompt;
    }

    public String getPrompt() {
      return prompt;
    }
  }

  /** As a persistence framework makes it. */
  public static class LoadingRequest extends Request {
    LoadingRequest() {
      super(null);
    }

    @Override
    public String getPrompt() {
      throw new AssertionError("the getter was called");
    }
  }

  @Test
  void getterThatIsOnlyGuessedByItsNameIsNotCalledWhereItMayDoWork() {
    ExecutionSources sources = bindRequest("");

    assertThat(sources.prompt().read(null, new Object[] {new Request("q")}, null)).isEqualTo("q");
    assertThat(sources.prompt().read(null, new Object[] {new LoadingRequest()}, null)).isNull();
    assertThat(failures)
        .singleElement()
        .asString()
        .contains("'prompt' of ", "LoadingRequest", "name it by a path or an annotation");
  }

  @Test
  void explicitPathReachesAPrivateField() {
    ExecutionSources sources = bindRequest("this.failures.size");

    assertThat(sources.prompt().read(this, new Object[] {null}, null)).isEqualTo(0);
    assertThat(failures).isEmpty();
  }

  private ExecutionSources bindRequest(String prompt) {
    MethodSpec spec =
        new MethodSpec(
            "p.A",
            "run",
            "(L" + Request.class.getName().replace('.', '/') + ";)V",
            false,
            List.of(parameter("request")),
            new ExecutionSpec("a", prompt, "", "", "", List.of()),
            null,
            null);
    return bind(spec);
  }

  private ExecutionSources bind(String prompt, ParameterSpec... parameters) {
    MethodSpec spec =
        new MethodSpec(
            "p.A",
            "run",
            "(" + "Ljava/lang/String;".repeat(parameters.length) + ")V",
            false,
            List.of(parameters),
            new ExecutionSpec("a", prompt, "", "", "", List.of()),
            null,
            null);
    return bind(spec);
  }

  private ExecutionSources bind(MethodSpec spec) {
    return MethodSources.bind(
            spec,
            SourceBinderTest.class,
            type -> {},
            (method, path, reason) -> failures.add(path + ": " + reason))
        .execution();
  }

  private static ParameterSpec parameter(String name, String... aliases) {
    Set<String> all = aliases.length == 0 ? Set.of(name) : Set.of(aliases);
    return new ParameterSpec(name, all, Set.of(), null);
  }
}

package io.agentlog.agent.instrumentation.rules;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the rules file: it stands for an annotation on the methods that it names. One of the
 * three specifications is given; an agent or stage that is empty there is named after the class or
 * method. Thread-safe.
 */
public final class Rule {
  private final String place;
  private final MethodPattern method;
  private final @Nullable ExecutionSpec execution;
  private final @Nullable StageSpec stage;
  private final @Nullable DecisionSpec decision;
  private final RuleUse use;

  /**
   * @param place for messages: {@code rules.yaml:12}
   */
  Rule(
      String place,
      MethodPattern method,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision) {
    this.place = place;
    this.method = method;
    this.execution = execution;
    this.stage = stage;
    this.decision = decision;
    this.use = new RuleUse(method);
  }

  /** True if it means this method of a class that it concerns. */
  public boolean matchesMethod(String name, String descriptor) {
    return method.matchesMethod(name, descriptor);
  }

  /** True if it names its method by a wildcard, and so none that a compiler made. */
  public boolean hasMethodWildcard() {
    return !method.methodName().isExact();
  }

  /** What an {@code @AgentExecution} would say; null if it is a rule of another kind. */
  public @Nullable ExecutionSpec execution(String defaultAgentName) {
    return execution == null || !execution.agentName().isEmpty()
        ? execution
        : new ExecutionSpec(
            defaultAgentName,
            execution.prompt(),
            execution.correlationId(),
            execution.sessionId(),
            execution.quality(),
            execution.metadata());
  }

  /** What a {@code @ProgressStage} would say; null if it is a rule of another kind. */
  public @Nullable StageSpec stage(String defaultStage) {
    return stage == null || !stage.stage().isEmpty()
        ? stage
        : new StageSpec(defaultStage, stage.percent(), stage.at(), stage.metadata());
  }

  /** What a {@code @RoutingDecision} would say; null if it is a rule of another kind. */
  public @Nullable DecisionSpec decision() {
    return decision;
  }

  /** A class that it concerns declares methods that it means, or not. */
  public void declaredIn(String internalName) {
    use.declaredIn(internalName);
  }

  /** A class that it concerns declares this method, which is not meant. */
  public void otherMethod(String internalName, String name, String descriptor) {
    use.otherMethod(internalName, name, descriptor);
  }

  /** A method was woven because of it. */
  public void woven() {
    use.woven();
  }

  /** A class that it does not concern passes by: it may be what was meant. */
  void otherClass(String internalName) {
    use.otherClass(internalName);
  }

  MethodPattern method() {
    return method;
  }

  /** One line that says why it matched nothing; null if it did. */
  @Nullable String problem() {
    String problem = use.problem();
    return problem == null ? null : place + ": " + method.text() + " matched nothing: " + problem;
  }
}

package io.agentlog.agent.instrumentation.rules;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the rules file, which stands for an annotation on the methods that it names. Exactly
 * one of the four specifications is given. An empty agent is named after the class, an empty stage
 * after the method. Thread-safe.
 */
public final class Rule {
  private final String place;
  private final MethodPattern method;
  private final @Nullable ExecutionSpec execution;
  private final @Nullable StageSpec stage;
  private final @Nullable DecisionSpec decision;
  private final @Nullable IntelligenceSpec intelligence;
  private final RuleUse use;

  /**
   * @param place file and line for messages, as in {@code rules.yaml:12}
   */
  Rule(
      String place,
      MethodPattern method,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision,
      @Nullable IntelligenceSpec intelligence) {
    this.place = place;
    this.method = method;
    this.execution = execution;
    this.stage = stage;
    this.decision = decision;
    this.intelligence = intelligence;
    this.use = new RuleUse(method);
  }

  /** Returns whether the rule names this method, given that it names the method's class. */
  public boolean matchesMethod(String name, String descriptor) {
    return method.matchesMethod(name, descriptor);
  }

  /** Returns whether the rule names its method by a wildcard. */
  public boolean hasMethodWildcard() {
    return !method.methodName().isExact();
  }

  /** Returns what {@code @AgentExecution} would give; null for a rule of another kind. */
  public @Nullable ExecutionSpec execution(String defaultAgentName) {
    return execution == null || !execution.agentName().isEmpty()
        ? execution
        : execution.ofAgent(defaultAgentName);
  }

  /** Returns what {@code @ProgressStage} would give; null for a rule of another kind. */
  public @Nullable StageSpec stage(String defaultStage) {
    return stage == null || !stage.stage().isEmpty()
        ? stage
        : new StageSpec(defaultStage, stage.percent(), stage.at(), stage.metadata());
  }

  /** Returns what {@code @RoutingDecision} would give; null for a rule of another kind. */
  public @Nullable DecisionSpec decision() {
    return decision;
  }

  /** Returns what {@code @IntelligenceUsed} would give; null for a rule of another kind. */
  public @Nullable IntelligenceSpec intelligence() {
    return intelligence;
  }

  /** Notes that a class declares a method that the rule names, woven or not. */
  public void noteDeclaredIn(String internalName) {
    use.noteDeclaredIn(internalName);
  }

  /** Notes another method of a class that the rule names, as a hint if the rule matches nothing. */
  public void noteOtherMethod(String internalName, String name, String descriptor) {
    use.noteOtherMethod(internalName, name, descriptor);
  }

  /** Notes that a method was woven because of the rule. */
  public void noteWoven() {
    use.noteWoven();
  }

  /** Notes a class that the rule does not name, as a hint if the rule matches nothing. */
  void noteOtherClass(String internalName) {
    use.noteOtherClass(internalName);
  }

  MethodPattern method() {
    return method;
  }

  /** Returns one line with the reason why the rule matched nothing; null if it matched. */
  @Nullable String problem() {
    String problem = use.problem();
    return problem == null ? null : place + ": " + method.text() + " matched nothing: " + problem;
  }
}

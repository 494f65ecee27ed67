package io.agentlog.agent.capture.spec;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A woven method as its class file describes it, in plain data: read when the class is transformed,
 * kept by name until the first call binds it. Holds no class and no loader.
 *
 * @param typeName binary name of the class that was woven
 * @param name of the method
 * @param descriptor of the method, as in the class file
 * @param signatures names with descriptors of the declarations through which this method may be
 *     called: its own, and those that it overrides or implements; empty if it is private or static,
 *     because nothing overrides it
 * @param parameters in order, without the receiver
 * @param execution null unless marked {@code @AgentExecution}
 * @param stage null unless marked {@code @ProgressStage}
 * @param decision null unless marked {@code @RoutingDecision}
 * @param intelligence null unless marked {@code @IntelligenceUsed}
 * @param resumedBy binary name of the class whose objects, as last argument, resume a call of this
 *     suspending method of Kotlin; null for other methods
 */
public record MethodSpec(
    String typeName,
    String name,
    String descriptor,
    boolean isStatic,
    Set<String> signatures,
    List<ParameterSpec> parameters,
    @Nullable ExecutionSpec execution,
    @Nullable StageSpec stage,
    @Nullable DecisionSpec decision,
    @Nullable IntelligenceSpec intelligence,
    @Nullable String resumedBy) {

  public MethodSpec {
    signatures = Set.copyOf(signatures);
    parameters = List.copyOf(parameters);
  }

  /** Makes a method that overrides nothing; unless static, it may be overridden. */
  public MethodSpec(
      String typeName,
      String name,
      String descriptor,
      boolean isStatic,
      List<ParameterSpec> parameters,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision) {
    this(
        typeName,
        name,
        descriptor,
        isStatic,
        isStatic ? Set.of() : Set.of(name + descriptor),
        parameters,
        execution,
        stage,
        decision,
        null,
        null);
  }

  /** Returns the same method with other marks. */
  public MethodSpec marked(
      @Nullable ExecutionSpec newExecution, @Nullable IntelligenceSpec newIntelligence) {
    return new MethodSpec(
        typeName,
        name,
        descriptor,
        isStatic,
        signatures,
        parameters,
        newExecution,
        stage,
        decision,
        newIntelligence,
        resumedBy);
  }

  /** True if calls of the method are recorded somehow. */
  public boolean isMarked() {
    return execution != null || stage != null || decision != null || intelligence != null;
  }

  /** Returns name and descriptor. */
  public String signature() {
    return name + descriptor;
  }

  /** True if the other method, which a subclass declares, overrides this one. */
  public boolean isOverriddenBy(MethodSpec other) {
    return signatures.contains(signature()) && other.signatures.contains(signature());
  }

  /** Returns the method's name in messages, such as {@code com.acme.Router.route}. */
  public String displayName() {
    return typeName + "." + name;
  }
}

package io.agentlog.agent.capture.spec;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the class file of a woven method says, as plain data: found when the class is transformed,
 * kept by name until its first call binds it. Holds no class and no loader.
 *
 * @param typeName binary name of the class that was woven
 * @param name of the method
 * @param descriptor of the method, as in the class file
 * @param signatures names with descriptors of the declarations that a call of this method may be
 *     meant for: its own, and those that it overrides or implements; empty if nothing overrides it,
 *     as it is private or static
 * @param parameters in order, without the receiver
 * @param execution null unless marked {@code @AgentExecution}
 * @param stage null unless marked {@code @ProgressStage}
 * @param decision null unless marked {@code @RoutingDecision}
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
    @Nullable DecisionSpec decision) {

  public MethodSpec {
    signatures = Set.copyOf(signatures);
    parameters = List.copyOf(parameters);
  }

  /** A method that overrides nothing; it may be overridden unless it is static. */
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
        decision);
  }

  /** Name with descriptor. */
  public String signature() {
    return name + descriptor;
  }

  /** True if the other method, which a subclass declares, overrides this one. */
  public boolean isOverriddenBy(MethodSpec other) {
    return signatures.contains(signature()) && other.signatures.contains(signature());
  }

  /** The method as messages name it: {@code com.acme.Router.route}. */
  public String displayName() {
    return typeName + "." + name;
  }
}

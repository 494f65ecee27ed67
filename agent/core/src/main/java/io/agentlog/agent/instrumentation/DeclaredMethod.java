package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.instrumentation.rules.Rule;
import java.util.List;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * A method as its class file declares it, with its marks.
 *
 * @param owner internal name of the declaring class
 * @param access flags of the class file
 * @param bridgeTarget descriptor of the method that this bridge method calls; null for others
 * @param forwardsTo the method to which this one only passes its parameters on, or null
 * @param resumedBy internal name of the class whose objects resume this suspending method; null for
 *     other methods
 * @param rules rules that name the method
 */
record DeclaredMethod(
    String owner,
    int access,
    String name,
    String descriptor,
    List<ParameterSpec> parameters,
    @Nullable ExecutionSpec execution,
    @Nullable StageSpec stage,
    @Nullable DecisionSpec decision,
    @Nullable IntelligenceSpec intelligence,
    @Nullable String bridgeTarget,
    @Nullable Handle forwardsTo,
    @Nullable String resumedBy,
    List<Rule> rules) {

  /** Returns the same method with other marks. */
  DeclaredMethod marked(
      List<ParameterSpec> newParameters,
      @Nullable ExecutionSpec newExecution,
      @Nullable StageSpec newStage,
      @Nullable DecisionSpec newDecision,
      @Nullable IntelligenceSpec newIntelligence,
      List<Rule> newRules) {
    return new DeclaredMethod(
        owner,
        access,
        name,
        descriptor,
        newParameters,
        newExecution,
        newStage,
        newDecision,
        newIntelligence,
        bridgeTarget,
        forwardsTo,
        resumedBy,
        newRules);
  }

  boolean isAnnotated() {
    return execution != null || stage != null || decision != null || intelligence != null;
  }

  boolean isStatic() {
    return (access & Opcodes.ACC_STATIC) != 0;
  }

  boolean isBridge() {
    return (access & Opcodes.ACC_BRIDGE) != 0;
  }

  /** Returns whether the method has code to weave into. */
  boolean hasCode() {
    return (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
  }

  boolean isNative() {
    return (access & Opcodes.ACC_NATIVE) != 0;
  }

  boolean isPrivate() {
    return (access & Opcodes.ACC_PRIVATE) != 0;
  }

  boolean isVoid() {
    return descriptor.endsWith(")V");
  }

  /**
   * Returns the signature of the method whose code runs when this one is called. For a bridge, that
   * is its target, or null if the target is outside the class.
   */
  @Nullable String implementation() {
    if (!isBridge()) {
      return signature();
    }
    return bridgeTarget == null ? null : name + bridgeTarget;
  }

  /** Returns whether this method overrides or implements the other, declared by a supertype. */
  boolean overrides(DeclaredMethod other) {
    boolean isVisible =
        (other.access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0
            || other.packageName().equals(packageName());
    return isVisible && !isStatic() && !isPrivate() && signature().equals(other.signature());
  }

  /** Returns whether implementations of the method inherit its annotations. */
  boolean isInheritable() {
    return isAnnotated() && (access & (Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE)) == 0;
  }

  private String packageName() {
    return owner.substring(0, Math.max(0, owner.lastIndexOf('/')));
  }

  String signature() {
    return name + descriptor;
  }
}

package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.instrumentation.rules.Rule;
import io.agentlog.agent.instrumentation.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Opcodes;

/**
 * Methods as their class file and the rules together mark them. Of one kind a rule takes the place
 * of the annotation, as a whole. Thread-safe.
 */
final class MarkedMethods {
  private final Rules rules;

  MarkedMethods(Rules rules) {
    this.rules = rules;
  }

  /** True if a class may be marked although no annotation can be seen. */
  boolean areRuled() {
    return !rules.isEmpty();
  }

  /** True if a type of the JDK may be marked, for those who implement it. */
  boolean areRuledInJdk() {
    return rules.nameJdk();
  }

  /** All methods of a class if one of them may be marked, else none. */
  List<DeclaredMethod> of(String className, ClassFileScan scan, byte[] file) {
    if (rules.isEmpty()) {
      return scan.isAnnotated() ? DeclaredMethods.of(file) : List.of();
    }
    List<Rule> ruling = rules.ofClass(className, LoaderTypes.isGenerated(className));
    rules.passedBy(className, ruling);
    if (ruling.isEmpty()) {
      return scan.isAnnotated() ? DeclaredMethods.of(file) : List.of();
    }
    List<DeclaredMethod> methods = new ArrayList<>();
    for (DeclaredMethod method : DeclaredMethods.of(file)) {
      methods.add(ruled(className, method, ruling));
    }
    return methods;
  }

  private static DeclaredMethod ruled(String className, DeclaredMethod method, List<Rule> ruling) {
    if (method.isBridge() || method.name().startsWith("<")) {
      return method;
    }
    ExecutionSpec execution = null;
    StageSpec stage = null;
    DecisionSpec decision = null;
    List<Rule> used = new ArrayList<>();
    for (Rule rule : ruling) {
      if (!means(rule, method)) {
        rule.otherMethod(className, method.name(), method.descriptor());
        continue;
      }
      rule.declaredIn(className);
      used.add(rule);
      ExecutionSpec ruledExecution =
          rule.execution(DeclaredMethods.kebabCase(DeclaredMethods.simpleName(className)));
      StageSpec ruledStage = rule.stage(method.name());
      execution = execution == null ? ruledExecution : execution;
      stage = stage == null ? ruledStage : stage;
      decision = decision == null ? rule.decision() : decision;
    }
    return used.isEmpty()
        ? method
        : new DeclaredMethod(
            method.packageName(),
            method.access(),
            method.name(),
            method.descriptor(),
            method.parameters(),
            execution == null ? method.execution() : execution,
            stage == null ? method.stage() : stage,
            decision == null ? method.decision() : decision,
            method.bridgeTarget(),
            List.copyOf(used));
  }

  /** A wildcard is not meant for what a compiler makes, such as the bodies of lambdas. */
  private static boolean means(Rule rule, DeclaredMethod method) {
    boolean synthetic = (method.access() & Opcodes.ACC_SYNTHETIC) != 0;
    return !(synthetic && rule.hasMethodWildcard())
        && rule.matchesMethod(method.name(), method.descriptor());
  }
}

package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.instrumentation.rules.Rule;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.config.AgentNames;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Reads the methods of a class with their marks: annotations in the class file, and rules. A rule
 * replaces the annotation of its kind completely. Thread-safe.
 */
final class MarkedMethods {
  private final Rules rules;

  MarkedMethods(Rules rules) {
    this.rules = rules;
  }

  /** Returns whether there are rules, so that classes without annotations may be marked too. */
  boolean areRuled() {
    return !rules.isEmpty();
  }

  /** Returns whether a rule may mark a type of the JDK, for the classes that implement it. */
  boolean areRuledInJdk() {
    return rules.haveJdkTypes();
  }

  /** Returns all methods of a class if one of them may be marked, else none. */
  List<DeclaredMethod> of(String className, ClassFileScan scan, byte[] file, ClassLoader loader) {
    if (rules.isEmpty()) {
      return scan.isAnnotated() ? DeclaredMethods.of(file) : List.of();
    }
    List<Rule> ruling = rules.ofClass(className, LoaderTypes.isGenerated(className, scan, loader));
    rules.noteLoaded(className, ruling);
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
    IntelligenceSpec intelligence = null;
    List<Rule> used = new ArrayList<>();
    for (Rule rule : ruling) {
      if (!matches(rule, method)) {
        rule.noteOtherMethod(className, method.name(), method.descriptor());
        continue;
      }
      rule.noteDeclaredIn(className);
      used.add(rule);
      ExecutionSpec ruledExecution =
          rule.execution(AgentNames.kebabCase(DeclaredMethods.simpleName(className)));
      StageSpec ruledStage = rule.stage(method.name());
      execution = execution == null ? ruledExecution : execution;
      stage = stage == null ? ruledStage : stage;
      decision = decision == null ? rule.decision() : decision;
      intelligence = intelligence == null ? rule.intelligence() : intelligence;
    }
    return used.isEmpty()
        ? method
        : method.marked(
            method.parameters(),
            execution == null ? method.execution() : execution,
            stage == null ? method.stage() : stage,
            decision == null ? method.decision() : decision,
            intelligence == null ? method.intelligence() : intelligence,
            List.copyOf(used));
  }

  /** Returns whether the rule marks the method; a wildcard never matches a compiler-made method. */
  private static boolean matches(Rule rule, DeclaredMethod method) {
    boolean synthetic = (method.access() & Opcodes.ACC_SYNTHETIC) != 0;
    return !(synthetic && rule.hasMethodWildcard())
        && rule.matchesMethod(method.name(), method.descriptor());
  }
}

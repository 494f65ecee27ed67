package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.instrumentation.rules.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which methods of a class are woven, from their own annotations and the inherited ones. Of
 * several annotations of one kind the nearest wins: the method's own, then breadth first through
 * the supertypes.
 */
final class MethodMatcher {
  private final BiConsumer<String, String> refusals;

  /**
   * @param refusals takes the name of an annotated method that can't be woven, and the reason
   */
  MethodMatcher(BiConsumer<String, String> refusals) {
    this.refusals = refusals;
  }

  /**
   * Returns the methods to weave, in an order that depends on the class file alone.
   *
   * @param typeName binary name of the class
   * @param declared its methods
   * @param inherited annotated methods of its supertypes, the nearest first
   */
  List<MethodSpec> match(
      String typeName, List<DeclaredMethod> declared, List<DeclaredMethod> inherited) {
    Map<String, List<DeclaredMethod>> sources = new LinkedHashMap<>();
    for (DeclaredMethod method : declared) {
      if (!method.isBridge() && method.isAnnotated()) {
        addOnce(sources, method.signature(), method);
      }
    }
    for (DeclaredMethod annotated : inherited) {
      for (DeclaredMethod method : declared) {
        String implementation = method.implementation();
        if (implementation != null && method.overrides(annotated)) {
          addOnce(sources, implementation, annotated);
        }
      }
    }
    List<MethodSpec> specs = new ArrayList<>();
    for (DeclaredMethod method : declared) {
      List<DeclaredMethod> annotated = sources.get(method.signature());
      if (annotated == null || method.isBridge()) {
        continue;
      }
      if (method.hasCode()) {
        MethodSpec spec = spec(typeName, method, signatures(method, declared), annotated);
        if (spec != null) {
          specs.add(spec);
        }
      } else if (method.isNative()) {
        refusals.accept(
            typeName + "." + method.name(), "a native method has no code to weave into");
      }
    }
    return specs;
  }

  /** Uses no set: the first hash code of a record costs about 40 ms at start-up. */
  @SuppressWarnings("ReferenceEquality") // Equal methods of two declarations both count.
  private static void addOnce(
      Map<String, List<DeclaredMethod>> sources, String signature, DeclaredMethod method) {
    List<DeclaredMethod> there = sources.computeIfAbsent(signature, k -> new ArrayList<>());
    for (DeclaredMethod known : there) {
      if (known == method) {
        return;
      }
    }
    there.add(method);
  }

  /**
   * Reports annotated methods whose code is in a superclass that does not inherit the annotation.
   * That class is loaded already, so the code can't be woven any more.
   *
   * @param inheritedBySuperclass the part of {@code inherited} that the superclass knows too
   */
  void reportUnreachable(
      String typeName,
      List<DeclaredMethod> declared,
      List<DeclaredMethod> inherited,
      List<DeclaredMethod> inheritedBySuperclass) {
    Set<String> reached = new HashSet<>();
    inheritedBySuperclass.forEach(method -> reached.add(method.signature()));
    for (DeclaredMethod method : declared) {
      if (method.implementation() != null) {
        reached.add(method.signature());
      }
    }
    for (DeclaredMethod method : inherited) {
      if (method.hasCode()) {
        reached.add(method.signature()); // A default method, woven in its interface.
      }
    }
    for (DeclaredMethod method : inherited) {
      if (reached.add(method.signature())) {
        refusals.accept(
            typeName + "." + method.name(),
            "its code is in a superclass that does not inherit from the annotated declaration;"
                + " annotate the method there");
      }
    }
  }

  private @Nullable MethodSpec spec(
      String typeName,
      DeclaredMethod method,
      Set<String> signatures,
      List<DeclaredMethod> annotated) {
    ExecutionSpec execution = null;
    StageSpec stage = null;
    DecisionSpec decision = null;
    IntelligenceSpec intelligence = null;
    List<DeclaredMethod> declarations = new ArrayList<>(); // Sources of the chosen annotations.
    for (DeclaredMethod source : annotated) {
      if (execution == null && source.execution() != null) {
        execution = source.execution();
        declarations.add(source);
      }
      if (stage == null && source.stage() != null) {
        stage = source.stage();
        declarations.add(source);
      }
      if (decision == null && source.decision() != null) {
        decision = source.decision();
        declarations.add(source);
      }
      if (intelligence == null && source.intelligence() != null) {
        intelligence = source.intelligence();
        declarations.add(source);
      }
    }
    if (decision != null && method.isVoid()) {
      refusals.accept(
          typeName + "." + method.name() + " (@RoutingDecision)",
          "a decision is read from the result, but the method returns nothing");
      decision = null;
    }
    if (intelligence != null && method.isVoid() && intelligence.readsItemsOfResult()) {
      refusals.accept(
          typeName + "." + method.name() + " (@IntelligenceUsed)",
          "the items are read from the result, but the method returns nothing; give 'items' a path"
              + " that begins with a parameter or 'this'");
      intelligence = null;
    }
    if (execution == null && stage == null && decision == null && intelligence == null) {
      return null;
    }
    annotated.forEach(source -> source.rules().forEach(Rule::noteWoven));
    declarations.add(method);
    declarations.addAll(annotated);
    return new MethodSpec(
        typeName,
        method.name(),
        method.descriptor(),
        method.isStatic(),
        signatures,
        parameters(method, annotated, declarations),
        execution,
        stage,
        decision,
        intelligence,
        method.resumedBy() == null ? null : method.resumedBy().replace('/', '.'));
  }

  /** Returns the method's own signature and those of the bridge methods that lead to it. */
  private static Set<String> signatures(DeclaredMethod method, List<DeclaredMethod> declared) {
    if (method.isStatic() || method.isPrivate()) {
      return Set.of();
    }
    Set<String> signatures = new HashSet<>();
    for (DeclaredMethod each : declared) {
      if (method.signature().equals(each.implementation())) {
        signatures.add(each.signature());
      }
    }
    return signatures;
  }

  /**
   * Returns the parameters: names from the method itself, marks from the method and every annotated
   * declaration, aliases from all. If declarations use one name for different parameters, the first
   * one decides.
   */
  private static List<ParameterSpec> parameters(
      DeclaredMethod method, List<DeclaredMethod> annotated, List<DeclaredMethod> declarations) {
    Map<String, Integer> meanings = new HashMap<>();
    for (DeclaredMethod declaration : declarations) {
      List<ParameterSpec> parameters = declaration.parameters();
      for (int i = 0; i < parameters.size(); i++) {
        String name = parameters.get(i).name();
        if (!name.equals("arg" + i)) {
          meanings.putIfAbsent(name, i);
        }
      }
    }
    List<DeclaredMethod> nearestFirst = new ArrayList<>(annotated);
    nearestFirst.add(0, method);
    List<ParameterSpec> joined = new ArrayList<>();
    for (int i = 0; i < method.parameters().size(); i++) {
      Set<String> aliases = new HashSet<>();
      for (Map.Entry<String, Integer> meaning : meanings.entrySet()) {
        if (meaning.getValue() == i) {
          aliases.add(meaning.getKey());
        }
      }
      Set<String> marks = new HashSet<>();
      String metadataKey = null;
      for (DeclaredMethod declaration : nearestFirst) {
        ParameterSpec parameter = declaration.parameters().get(i);
        marks.addAll(parameter.marks());
        metadataKey = metadataKey == null ? parameter.metadataKey() : metadataKey;
      }
      joined.add(new ParameterSpec(method.parameters().get(i).name(), aliases, marks, metadataKey));
    }
    return joined;
  }
}

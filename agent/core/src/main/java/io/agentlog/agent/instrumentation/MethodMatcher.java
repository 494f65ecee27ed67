package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.MethodSpec;
import io.agentlog.agent.capture.MethodSpec.ParameterSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which methods of a class are woven, from its own annotations and those it inherits. Of
 * several annotations of one kind the nearest wins: the method's own, then breadth first through
 * the supertypes.
 */
final class MethodMatcher {
  private final BiConsumer<String, String> refusals;

  /**
   * @param refusals told of a method that is annotated and can't be woven, and why
   */
  MethodMatcher(BiConsumer<String, String> refusals) {
    this.refusals = refusals;
  }

  /**
   * The methods to weave, in an order that depends on the class file alone: their positions are the
   * plans' indexes.
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
        sources.computeIfAbsent(method.signature(), k -> new ArrayList<>()).add(method);
      }
    }
    for (DeclaredMethod annotated : inherited) {
      for (DeclaredMethod method : declared) {
        if (method.isStatic() || !method.signature().equals(annotated.signature())) {
          continue;
        }
        String target = method.isBridge() ? method.bridgeTarget() : method.descriptor();
        if (target != null) {
          sources.computeIfAbsent(method.name() + target, k -> new ArrayList<>()).add(annotated);
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
        specs.add(spec(typeName, method, annotated));
      } else if (method.isNative()) {
        refusals.accept(
            typeName + "." + method.name(), "a native method has no code to weave into");
      }
    }
    return specs;
  }

  private static MethodSpec spec(
      String typeName, DeclaredMethod method, List<DeclaredMethod> annotated) {
    MethodSpec.@Nullable ExecutionSpec execution = null;
    MethodSpec.@Nullable StageSpec stage = null;
    MethodSpec.@Nullable DecisionSpec decision = null;
    List<List<ParameterSpec>> parameters = new ArrayList<>();
    parameters.add(method.parameters());
    for (DeclaredMethod source : annotated) {
      execution = execution == null ? source.execution() : execution;
      stage = stage == null ? source.stage() : stage;
      decision = decision == null ? source.decision() : decision;
      parameters.add(source.parameters());
    }
    return new MethodSpec(
        typeName,
        method.name(),
        method.descriptor(),
        method.isStatic(),
        joined(parameters),
        execution,
        stage,
        decision);
  }

  /** Names from the method itself; marks from it and from everything it inherits from. */
  private static List<ParameterSpec> joined(List<List<ParameterSpec>> declarations) {
    List<ParameterSpec> own = declarations.get(0);
    List<ParameterSpec> joined = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      Set<String> marks = new HashSet<>();
      String metadataKey = null;
      for (List<ParameterSpec> declaration : declarations) {
        if (declaration.size() == own.size()) {
          marks.addAll(declaration.get(i).marks());
          metadataKey = metadataKey == null ? declaration.get(i).metadataKey() : metadataKey;
        }
      }
      joined.add(new ParameterSpec(own.get(i).name(), marks, metadataKey));
    }
    return joined;
  }
}

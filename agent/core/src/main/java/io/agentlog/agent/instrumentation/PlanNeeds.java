package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.async.AsyncTypes;
import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Values that a woven method hands over, decided from the class file alone. Arguments cost an array
 * and a box for each primitive, a primitive result costs a box, so neither is handed over without
 * need.
 */
enum PlanNeeds {
  NOTHING,
  ARGUMENTS,
  RESULT,
  ARGUMENTS_AND_RESULT,
  /** The result, and the method returns the one that the bridge gives back. */
  REPLACED_RESULT,
  ARGUMENTS_AND_REPLACED_RESULT;

  private static final String SELF_ROOT = "this";
  private static final String RESULT_ROOT = "result";

  static PlanNeeds of(MethodSpec spec) {
    boolean arguments = arguments(spec);
    if (!result(spec)) {
      return arguments ? ARGUMENTS : NOTHING;
    }
    if (AsyncTypes.mayReplace(spec.descriptor())) {
      return arguments ? ARGUMENTS_AND_REPLACED_RESULT : REPLACED_RESULT;
    }
    return arguments ? ARGUMENTS_AND_RESULT : RESULT;
  }

  /** Returns whether the plan may read an argument. An execution finds some by name and type. */
  static boolean arguments(MethodSpec spec) {
    return !spec.parameters().isEmpty()
        && (spec.execution() != null
            || spec.resumedBy() != null
            || roots(spec).stream()
                .anyMatch(
                    root ->
                        !root.equals(SELF_ROOT)
                            && (returnsNothing(spec) || !root.equals(RESULT_ROOT))));
  }

  /**
   * Returns whether the plan may read the result. A decision or used knowledge needs any result. An
   * object is handed over at no cost, because it may hold the annotated score or complete later.
   */
  static boolean result(MethodSpec spec) {
    return !returnsNothing(spec)
        && (spec.decision() != null
            || spec.intelligence() != null
            || roots(spec).contains(RESULT_ROOT)
            || (endsLater(spec) && spec.descriptor().endsWith(";")));
  }

  /** Returns whether the plan reports something when the result is complete. */
  private static boolean endsLater(MethodSpec spec) {
    StageSpec stage = spec.stage();
    return spec.execution() != null || (stage != null && stage.at() != StageSpec.At.ENTRY);
  }

  private static boolean returnsNothing(MethodSpec spec) {
    return spec.descriptor().endsWith(")V");
  }

  /** Returns the first names of all given paths. */
  private static List<String> roots(MethodSpec spec) {
    List<String> paths = new ArrayList<>();
    ExecutionSpec execution = spec.execution();
    if (execution != null) {
      paths.addAll(
          List.of(
              execution.prompt(),
              execution.instructions(),
              execution.correlationId(),
              execution.sessionId(),
              execution.quality()));
      execution.metadata().forEach(entry -> paths.add(pathOf(entry)));
    }
    StageSpec stage = spec.stage();
    if (stage != null) {
      stage.metadata().forEach(entry -> paths.add(pathOf(entry)));
    }
    DecisionSpec decision = spec.decision();
    if (decision != null) {
      paths.addAll(
          List.of(
              decision.agent(),
              decision.confidence(),
              decision.strategy(),
              decision.reasoning(),
              decision.alternatives(),
              decision.components()));
    }
    IntelligenceSpec intelligence = spec.intelligence();
    if (intelligence != null) {
      addPaths(intelligence, spec, paths);
    }
    return paths.stream().filter(path -> !path.isBlank()).map(PlanNeeds::rootOf).toList();
  }

  /** Adds the paths that are read from the call, and not from an item. */
  private static void addPaths(IntelligenceSpec intelligence, MethodSpec spec, List<String> paths) {
    paths.add(intelligence.items());
    boolean isNamed =
        spec.parameters().stream()
            .anyMatch(parameter -> parameter.aliases().contains(IntelligenceSpec.QUERY));
    paths.add(
        intelligence.query().isBlank() && isNamed ? IntelligenceSpec.QUERY : intelligence.query());
    for (String path :
        List.of(
            intelligence.id(),
            intelligence.name(),
            intelligence.score(),
            intelligence.summary(),
            intelligence.appliedAlways() == null ? intelligence.applied() : "")) {
      if (!rootOf(path).equals(IntelligenceSpec.ITEM)) {
        paths.add(path);
      }
    }
  }

  private static String pathOf(String entry) {
    return entry.substring(entry.indexOf('=') + 1);
  }

  private static String rootOf(String path) {
    String text = path.strip();
    int end = 0;
    while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
      end++;
    }
    return text.substring(0, end);
  }
}

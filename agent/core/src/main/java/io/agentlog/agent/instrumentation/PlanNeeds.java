package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides from the class file alone what a woven method hands over. Arguments cost an array and a
 * box for each primitive, a primitive result costs a box, so neither is handed over without need.
 */
final class PlanNeeds {
  private static final String SELF = "this";
  private static final String RESULT = "result";

  private PlanNeeds() {}

  /** Returns whether the plan may read an argument. An execution finds some by name and type. */
  static boolean arguments(MethodSpec spec) {
    return !spec.parameters().isEmpty()
        && (spec.execution() != null
            || spec.resumedBy() != null
            || roots(spec).stream()
                .anyMatch(
                    root -> !root.equals(SELF) && (returnsNothing(spec) || !root.equals(RESULT))));
  }

  /**
   * Returns whether the plan may read the result. A decision needs any result. An object is handed
   * over at no cost, because it may hold the annotated score or complete later.
   */
  static boolean result(MethodSpec spec) {
    return !returnsNothing(spec)
        && (spec.decision() != null
            || roots(spec).contains(RESULT)
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
    return paths.stream().filter(path -> !path.isBlank()).map(PlanNeeds::rootOf).toList();
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

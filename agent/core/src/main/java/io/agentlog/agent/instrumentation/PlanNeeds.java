package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a woven method has to hand over, decided from the class file alone: too much is slow, too
 * little is wrong. Arguments cost an array, and a box for each primitive; a result that is a
 * primitive costs a box.
 */
final class PlanNeeds {
  private static final String SELF = "this";
  private static final String RESULT = "result";

  private PlanNeeds() {}

  /** True if the plan may read an argument. An execution finds some of them by name and type. */
  static boolean arguments(MethodSpec spec) {
    return !spec.parameters().isEmpty()
        && (spec.execution() != null
            || roots(spec).stream()
                .anyMatch(
                    root -> !root.equals(SELF) && (returnsNothing(spec) || !root.equals(RESULT))));
  }

  /**
   * True if the plan may read the result. A decision is one if there is a result; in an object the
   * score is searched by annotation, or it is complete later, and handing it over costs nothing.
   */
  static boolean result(MethodSpec spec) {
    return !returnsNothing(spec)
        && (spec.decision() != null
            || roots(spec).contains(RESULT)
            || (endsLater(spec) && spec.descriptor().endsWith(";")));
  }

  /** True if something is reported when the result is complete. */
  private static boolean endsLater(MethodSpec spec) {
    StageSpec stage = spec.stage();
    return spec.execution() != null || (stage != null && stage.at() != StageSpec.At.ENTRY);
  }

  private static boolean returnsNothing(MethodSpec spec) {
    return spec.descriptor().endsWith(")V");
  }

  /** What the paths that were written out begin with; empty where a path is not given. */
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

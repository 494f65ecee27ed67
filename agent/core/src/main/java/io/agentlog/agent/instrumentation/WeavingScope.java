package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.config.Config;
import io.agentlog.config.NamePattern;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.List;

/**
 * Classes, loaders, agents and used knowledge that are not recorded although they are marked.
 * Decided when a class is loaded, so that calls cost nothing. Immutable.
 */
public final class WeavingScope {
  /** Excludes nothing. */
  public static final WeavingScope ALL = new WeavingScope(List.of(), List.of(), List.of(), true);

  private final List<NamePattern> excludedClasses;
  private final List<NamePattern> excludedLoaders;
  private final List<NamePattern> disabledAgents;

  /** True if used knowledge is recorded. */
  private final boolean isTraced;

  private WeavingScope(
      List<NamePattern> excludedClasses,
      List<NamePattern> excludedLoaders,
      List<NamePattern> disabledAgents,
      boolean isTraced) {
    this.excludedClasses = List.copyOf(excludedClasses);
    this.excludedLoaders = List.copyOf(excludedLoaders);
    this.disabledAgents = List.copyOf(disabledAgents);
    this.isTraced = isTraced;
  }

  /** Reads the excluded classes, excluded loaders and disabled agents of a configuration. */
  public static WeavingScope of(Config config) {
    return new WeavingScope(
        config.get(Options.EXCLUDE_CLASSES),
        config.get(Options.EXCLUDE_LOADERS),
        config.get(Options.AGENTS_DISABLED),
        config.get(Options.TRACEABILITY));
  }

  /** Returns whether a class is not woven, even if it is marked. */
  boolean excludes(ClassLoader loader, String className) {
    return matches(excludedClasses, className)
        || (!excludedLoaders.isEmpty() && matches(excludedLoaders, loader.getClass().getName()));
  }

  /**
   * Removes executions of disabled agents, used knowledge unless the whole trace is recorded, and
   * specs in which nothing else is left.
   */
  List<MethodSpec> enabled(List<MethodSpec> specs) {
    if (disabledAgents.isEmpty() && isTraced) {
      return specs;
    }
    List<MethodSpec> enabled = new ArrayList<>();
    for (MethodSpec spec : specs) {
      ExecutionSpec execution = spec.execution();
      boolean isDisabled = execution != null && matches(disabledAgents, execution.agentName());
      boolean isUntraced = spec.intelligence() != null && !isTraced;
      MethodSpec left =
          isDisabled || isUntraced
              ? spec.marked(isDisabled ? null : execution, isUntraced ? null : spec.intelligence())
              : spec;
      if (left.isMarked()) {
        enabled.add(left);
      }
    }
    return enabled;
  }

  private static boolean matches(List<NamePattern> patterns, String name) {
    for (NamePattern pattern : patterns) {
      if (pattern.matches(name)) {
        return true;
      }
    }
    return false;
  }
}

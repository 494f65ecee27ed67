package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.config.Config;
import io.agentlog.config.NamePattern;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.List;

/**
 * Classes, loaders and agents that are not recorded although they are marked. Decided when a class
 * is loaded, so that calls cost nothing. Immutable.
 */
public final class WeavingScope {
  /** Excludes nothing. */
  public static final WeavingScope ALL = new WeavingScope(List.of(), List.of(), List.of());

  private final List<NamePattern> excludedClasses;
  private final List<NamePattern> excludedLoaders;
  private final List<NamePattern> disabledAgents;

  private WeavingScope(
      List<NamePattern> excludedClasses,
      List<NamePattern> excludedLoaders,
      List<NamePattern> disabledAgents) {
    this.excludedClasses = List.copyOf(excludedClasses);
    this.excludedLoaders = List.copyOf(excludedLoaders);
    this.disabledAgents = List.copyOf(disabledAgents);
  }

  /** Reads the excluded classes, excluded loaders and disabled agents of a configuration. */
  public static WeavingScope of(Config config) {
    return new WeavingScope(
        config.get(Options.EXCLUDE_CLASSES),
        config.get(Options.EXCLUDE_LOADERS),
        config.get(Options.AGENTS_DISABLED));
  }

  /** Returns whether a class is not woven, even if it is marked. */
  boolean excludes(ClassLoader loader, String className) {
    return matches(excludedClasses, className)
        || (!excludedLoaders.isEmpty() && matches(excludedLoaders, loader.getClass().getName()));
  }

  /** Removes executions of disabled agents, and specs in which nothing else is left. */
  List<MethodSpec> enabled(List<MethodSpec> specs) {
    if (disabledAgents.isEmpty()) {
      return specs;
    }
    List<MethodSpec> enabled = new ArrayList<>();
    for (MethodSpec spec : specs) {
      if (spec.execution() == null || !matches(disabledAgents, spec.execution().agentName())) {
        enabled.add(spec);
      } else if (spec.stage() != null || spec.decision() != null) {
        enabled.add(
            new MethodSpec(
                spec.typeName(),
                spec.name(),
                spec.descriptor(),
                spec.isStatic(),
                spec.signatures(),
                spec.parameters(),
                null,
                spec.stage(),
                spec.decision(),
                spec.resumedBy()));
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

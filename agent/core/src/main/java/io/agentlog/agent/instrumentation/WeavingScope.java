package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.config.Config;
import io.agentlog.config.NamePattern;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.List;

/**
 * What is left alone although it is marked. Decided when a class is loaded, so that it costs
 * nothing when a method is called. Immutable.
 */
public final class WeavingScope {
  /** Leaves nothing alone. */
  public static final WeavingScope ALL = new WeavingScope(List.of(), List.of(), List.of());

  private final List<NamePattern> classes;
  private final List<NamePattern> loaders;
  private final List<NamePattern> agents;

  private WeavingScope(
      List<NamePattern> classes, List<NamePattern> loaders, List<NamePattern> agents) {
    this.classes = List.copyOf(classes);
    this.loaders = List.copyOf(loaders);
    this.agents = List.copyOf(agents);
  }

  /** Reads what a configuration leaves alone. */
  public static WeavingScope of(Config config) {
    return new WeavingScope(
        config.get(Options.EXCLUDE_CLASSES),
        config.get(Options.EXCLUDE_LOADERS),
        config.get(Options.AGENTS_DISABLED));
  }

  /** True if a class is not woven, whatever it says. */
  boolean excludes(ClassLoader loader, String className) {
    return matches(classes, className)
        || (!loaders.isEmpty() && matches(loaders, loader.getClass().getName()));
  }

  /** Takes executions of disabled agents out, and methods that nothing is left of. */
  List<MethodSpec> enabled(List<MethodSpec> specs) {
    if (agents.isEmpty()) {
      return specs;
    }
    List<MethodSpec> enabled = new ArrayList<>();
    for (MethodSpec spec : specs) {
      if (spec.execution() == null || !matches(agents, spec.execution().agentName())) {
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
                spec.decision()));
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

package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The plans of frameworks' runs, by the class and the agent's name. Each class holds its own plans,
 * so that they are unloaded with it. Thread-safe.
 */
final class FrameworkPlans {
  /** Most names of one class whose plans are kept; a run of a further one makes its own. */
  static final int NAMES_MAX = 1_000;

  /** The name of an agent whose name is blank. */
  private static final String NAMELESS = "agent";

  private static final MethodSources SOURCES =
      new MethodSources(
          new ExecutionSources(
              null, null, null, null, null, null, null, null, List.of(), List.of()),
          null,
          null,
          null,
          null);

  private final FrameworkOptions options;
  private final int nameBytesMax;
  private final ClassValue<ConcurrentMap<String, RunPlan>> byType =
      new ClassValue<>() {
        @Override
        protected ConcurrentMap<String, RunPlan> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  FrameworkPlans(FrameworkOptions options, int nameBytesMax) {
    this.options = options;
    this.nameBytesMax = nameBytesMax;
  }

  /** A plan, and whether the agent is disabled by its name. */
  record RunPlan(MethodPlan plan, boolean isDisabled) {
    String agentName() {
      ExecutionSpec spec = plan.spec.execution();
      return spec == null ? NAMELESS : spec.agentName();
    }
  }

  /** Returns the plan of a run; it sees what its class sees, else nothing of the application. */
  RunPlan of(RunStart start) {
    Class<?> type = start.type() == null ? FrameworkPlans.class : start.type();
    String name = start.agentName().isBlank() ? NAMELESS : start.agentName();
    ConcurrentMap<String, RunPlan> plans = byType.get(type);
    RunPlan known = plans.get(name);
    if (known == null) {
      known = plan(type, name);
      if (plans.size() < NAMES_MAX) {
        plans.putIfAbsent(name, known);
      }
    }
    return known;
  }

  private RunPlan plan(Class<?> type, String name) {
    ExecutionSpec execution = new ExecutionSpec(name, "", "", "", "", List.of());
    MethodSpec spec =
        new MethodSpec(type.getName(), name, "()V", true, List.of(), execution, null, null);
    return new RunPlan(new MethodPlan(spec, type, SOURCES, nameBytesMax), options.disables(name));
  }
}

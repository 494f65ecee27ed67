package io.agentlog.agent.capture;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.ValueFailures;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The plans of woven classes, bound at the first call of one of a class's methods. Each class holds
 * its own plans, so that they are unloaded with it: the agent refers to no class or loader.
 * Thread-safe.
 */
public final class MethodPlans {
  private final Function<Class<?>, List<MethodSpec>> specs;
  private final ClassValue<MethodPlan[]> byType;

  /**
   * @param specs gives the woven methods of a class, in the order of their indexes; the list only
   *     grows, when the class is woven again
   */
  public MethodPlans(
      Function<Class<?>, List<MethodSpec>> specs,
      CaptureLimits limits,
      PackageOpener opener,
      ValueFailures failures) {
    this.specs = specs;
    this.byType =
        new ClassValue<>() {
          @Override
          protected MethodPlan[] computeValue(Class<?> type) {
            return specs.apply(type).stream()
                .map(
                    spec ->
                        new MethodPlan(
                            spec,
                            type,
                            MethodSources.bind(spec, type, opener, failures),
                            limits.valueBytes()))
                .toArray(MethodPlan[]::new);
          }
        };
  }

  /**
   * Returns the plan of a woven method; null if the method is unknown, so that its calls can't be
   * recorded.
   */
  @Nullable MethodPlan of(Class<?> type, int index) {
    MethodPlan[] plans = byType.get(type);
    return index < plans.length ? plans[index] : ofWovenAgain(type, index, plans.length);
  }

  /** Binds again if the class was redefined since; returns null if the method is unknown. */
  private @Nullable MethodPlan ofWovenAgain(Class<?> type, int index, int knownCount) {
    if (specs.apply(type).size() <= knownCount) {
      return null;
    }
    byType.remove(type);
    MethodPlan[] plans = byType.get(type);
    return index < plans.length ? plans[index] : null;
  }
}

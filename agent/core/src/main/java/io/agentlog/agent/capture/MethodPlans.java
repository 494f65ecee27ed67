package io.agentlog.agent.capture;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.ValueFailures;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The plans of woven classes, bound when a class's first method is called. They live in the class
 * itself, so that they go with it; nothing here points from the agent to a class or loader.
 * Thread-safe.
 */
public final class MethodPlans {
  private final Function<Class<?>, List<MethodSpec>> specs;
  private final ClassValue<MethodPlan[]> byType;

  /**
   * @param specs the woven methods of a class, in the order of their indexes; a list that may grow,
   *     when the class is woven again, and otherwise stays
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
   * The plan of a woven method; null if the class is not known, which can't be helped on the
   * caller's thread.
   */
  @Nullable MethodPlan of(Class<?> type, int index) {
    MethodPlan[] plans = byType.get(type);
    return index < plans.length ? plans[index] : ofWovenAgain(type, index, plans.length);
  }

  /** The class was redefined since its plans were bound, or is not known. */
  private @Nullable MethodPlan ofWovenAgain(Class<?> type, int index, int knownCount) {
    if (specs.apply(type).size() <= knownCount) {
      return null;
    }
    byType.remove(type);
    MethodPlan[] plans = byType.get(type);
    return index < plans.length ? plans[index] : null;
  }
}

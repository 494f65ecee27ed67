package io.agentlog.agent.capture;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.ValueFailures;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The plans of woven classes, bound at the first call of one of a class's methods. Each class holds
 * its own plans, so that they are unloaded with it: the agent refers to no class or loader.
 * Thread-safe.
 */
public final class MethodPlans {
  /** More frames than the agent has above a woven method. */
  private static final int FRAMES_MAX = 20;

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

  /**
   * True if a woven method that overrides this one calls it by {@code super}: then that method
   * reports the stage or decision. Walks the stack only for a receiver that has such a method.
   */
  boolean isCalledByOverride(MethodPlan plan, @Nullable Object self) {
    if (self == null) {
      return false;
    }
    Class<?> type = self.getClass();
    while (type != null && type != plan.type && type != Object.class) {
      for (MethodPlan other : byType.get(type)) {
        if (plan.isOverriddenBy(other) && isCaller(other.spec, plan.spec)) {
          return true;
        }
      }
      type = type.getSuperclass();
    }
    return false;
  }

  /** True if the caller of the one method is the other; below them are frames of the agent. */
  private static boolean isCaller(MethodSpec caller, MethodSpec called) {
    return StackWalker.getInstance()
        .walk(
            frames -> {
              boolean found = false;
              Iterator<StackWalker.StackFrame> each = frames.limit(FRAMES_MAX).iterator();
              while (each.hasNext()) {
                StackWalker.StackFrame frame = each.next();
                if (found) {
                  return isOf(frame, caller);
                }
                found = isOf(frame, called);
              }
              return false;
            });
  }

  private static boolean isOf(StackWalker.StackFrame frame, MethodSpec method) {
    return frame.getMethodName().equals(method.name())
        && frame.getClassName().equals(method.typeName());
  }
}

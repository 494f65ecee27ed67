package io.agentlog.agent.capture;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the application's SLF4J MDC, once the application has initialised it. Thread-safe; never
 * throws.
 */
final class ApplicationMdc {
  /** Internal name of the MDC class. */
  static final String CLASS = "org/slf4j/MDC";

  private final ApplicationClasses classes;
  private final ClassInitialization initialization;

  ApplicationMdc(ApplicationClasses classes, ClassInitialization initialization) {
    this.classes = classes;
    this.initialization = initialization;
  }

  /** The MDC that a plan's class sees. The plan holds it, because it refers to a class. */
  record Found(int seen, @Nullable Class<?> uninitialized, @Nullable MethodHandle get) {}

  /** Returns the first value that is there under one of the keys; null if there is none. */
  @Nullable String first(MethodPlan plan, List<String> keys) {
    MethodHandle get = getter(plan);
    if (get != null) {
      for (String key : keys) {
        String value = value(get, key);
        if (value != null) {
          return value;
        }
      }
    }
    return null;
  }

  /** Returns what reads the value of a key; null if there is no MDC. */
  @Nullable MethodHandle getter(MethodPlan plan) {
    int count = classes.seen();
    if (count == 0) {
      return null;
    }
    Found found = plan.mdc;
    if (found == null || found.seen() != count) {
      found = new Found(count, classes.find(CLASS, plan.type.getClassLoader()), null);
      plan.mdc = found;
    }
    Class<?> mdc = found.uninitialized();
    if (mdc != null && initialization.isDone(mdc)) {
      found = new Found(count, null, getterOf(mdc));
      plan.mdc = found;
    }
    return found.get();
  }

  /** Returns the value of a key; null if it is blank, and if the application's adapter throws. */
  static @Nullable String value(MethodHandle get, String key) {
    try {
      String value = (String) get.invokeExact(key);
      return value == null || value.isBlank() ? null : value;
    } catch (Throwable t) { // The application's MDC adapter threw.
      return null;
    }
  }

  private static @Nullable MethodHandle getterOf(Class<?> mdc) {
    try {
      return MethodHandles.publicLookup()
          .findStatic(mdc, "get", MethodType.methodType(String.class, String.class));
    } catch (Throwable t) { // An unrelated class has that name.
      return null;
    }
  }
}

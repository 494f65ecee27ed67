package io.agentlog.agent.capture.value;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Questions about classes of the application. */
final class Types {
  private static final @Nullable ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

  private Types() {}

  /** True for a class of the JDK: its code is known, and has no annotation of agentlog. */
  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == PLATFORM;
  }

  /** Returns the class, its superclasses from near to far, then all interfaces breadth-first. */
  static Set<Class<?>> withSupertypes(Class<?> type) {
    Set<Class<?>> found = new LinkedHashSet<>();
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      found.add(each);
    }
    Set<Class<?>> level = found;
    while (!level.isEmpty()) {
      Set<Class<?>> next = new LinkedHashSet<>();
      for (Class<?> each : level) {
        for (Class<?> above : each.getInterfaces()) {
          if (!found.contains(above)) {
            next.add(above);
          }
        }
      }
      found.addAll(next);
      level = next;
    }
    return found;
  }

  /** Returns the content of an Optional of any kind, or any other value as it is. */
  static @Nullable Object inside(@Nullable Object value) {
    Object inner = value;
    while (inner instanceof Optional<?> optional) {
      inner = optional.orElse(null);
    }
    if (inner instanceof OptionalInt number) {
      return number.isPresent() ? number.getAsInt() : null;
    }
    if (inner instanceof OptionalLong number) {
      return number.isPresent() ? number.getAsLong() : null;
    }
    if (inner instanceof OptionalDouble number) {
      return number.isPresent() ? number.getAsDouble() : null;
    }
    return inner;
  }
}

package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/** Reads and records for the handlers of hooks. Thread-safe. */
public interface FrameworkContext {
  /** Where what they see is recorded. */
  FrameworkCapture capture();

  /**
   * Reads a value of an object of a framework by a public method without parameters, found once for
   * each class. An {@link java.util.Optional} is unwrapped.
   *
   * @param path one method, or several with dots: {@code tokenUsage.inputTokenCount}
   * @return null if the object or a value on the way is null, if it has no such method, or if the
   *     method throws
   */
  @Nullable Object read(@Nullable Object target, String path);

  /** Reads a value that is a number; null otherwise. */
  default @Nullable Long number(@Nullable Object target, String path) {
    return read(target, path) instanceof Number number ? (Long) number.longValue() : null;
  }

  /** Reads a value as text: a text as it is, an enum constant's name; null otherwise. */
  default @Nullable String text(@Nullable Object target, String path) {
    Object value = read(target, path);
    return value instanceof Enum<?> constant
        ? constant.name()
        : value instanceof CharSequence text ? text.toString() : null;
  }

  /**
   * Returns the name of the calling class outside frameworks in kebab case, as the name of an agent
   * that has none. Walks the stack, so it is asked once a run.
   *
   * @param framework the packages of this one are left out, and agentlog's and the JDK's
   */
  String callingClassName(FrameworkSpec framework);

  /** Returns a class's simple name in kebab case. */
  String kebabCase(Class<?> type);

  /** Returns the simple name in kebab case of a class that is known by its name alone. */
  String kebabCase(String className);

  /**
   * Returns the version of a framework without reading a file.
   *
   * @param object of a class in the jar of the framework's artifact; null gives null
   * @return null if it is not known, or not yet
   */
  @Nullable String version(FrameworkSpec framework, @Nullable Object object);

  /** Reports something to the user once, in one line. */
  void reportOnce(String key, String line);
}

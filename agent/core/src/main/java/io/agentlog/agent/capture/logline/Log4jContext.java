package io.agentlog.agent.capture.logline;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The interface {@code StringMap} of one Log4j, as a class that implements it sees it. Immutable.
 */
final class Log4jContext {
  private static final String UTIL = "org.apache.logging.log4j.util.";

  private final @Nullable Methods methods;
  private final @Nullable ReflectiveOperationException problem;

  private Log4jContext(@Nullable Methods methods, @Nullable ReflectiveOperationException problem) {
    this.methods = methods;
    this.problem = problem;
  }

  private record Methods(
      MethodHandle has, MethodHandle isFrozen, MethodHandle put, MethodHandle copy) {}

  /**
   * Finds the methods.
   *
   * @param type class of the data
   */
  static Log4jContext of(Class<?> type) {
    try {
      ClassLoader loader = type.getClassLoader();
      Class<?> map = Class.forName(UTIL + "StringMap", false, loader);
      Class<?> readable = Class.forName(UTIL + "ReadOnlyStringMap", false, loader);
      Class<?> copy = Class.forName(UTIL + "SortedArrayStringMap", false, loader);
      Lookup lookup = MethodHandles.publicLookup();
      return new Log4jContext(
          new Methods(
              lookup
                  .findVirtual(
                      readable, "containsKey", MethodType.methodType(boolean.class, String.class))
                  .asType(MethodType.methodType(boolean.class, Object.class, String.class)),
              lookup
                  .findVirtual(map, "isFrozen", MethodType.methodType(boolean.class))
                  .asType(MethodType.methodType(boolean.class, Object.class)),
              lookup
                  .findVirtual(
                      map,
                      "putValue",
                      MethodType.methodType(void.class, String.class, Object.class))
                  .asType(
                      MethodType.methodType(void.class, Object.class, String.class, String.class)),
              lookup
                  .findConstructor(copy, MethodType.methodType(void.class, readable))
                  .asType(MethodType.methodType(Object.class, Object.class))),
          null);
    } catch (ReflectiveOperationException e) { // A Log4j before 2.9, or much later.
      return new Log4jContext(null, e);
    }
  }

  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  boolean has(Object data, String key) throws Throwable {
    return (boolean) methods().has.invokeExact(data, key);
  }

  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  boolean isFrozen(Object data) throws Throwable {
    return (boolean) methods().isFrozen.invokeExact(data);
  }

  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  void put(Object data, String key, String value) throws Throwable {
    methods().put.invokeExact(data, key, value);
  }

  /** Returns a copy that can be changed. */
  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  Object copy(Object data) throws Throwable {
    return (Object) methods().copy.invokeExact(data);
  }

  private Methods methods() throws ReflectiveOperationException {
    if (methods == null) {
      throw problem == null ? new NoSuchMethodException() : problem;
    }
    return methods;
  }
}

package io.agentlog.agent.capture.logline;

import io.agentlog.agent.capture.value.PackageOpener;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The class {@code LoggingEvent} of one Logback. Its field is written and not its setter called,
 * because the setter throws if the context is there. Thread-safe.
 */
final class LogbackEvent {
  private static final String TYPE = "ch.qos.logback.classic.spi.LoggingEvent";
  private static final String FIELD = "mdcPropertyMap";

  private final @Nullable MethodHandle getter;
  private final @Nullable MethodHandle setter;
  private final @Nullable ReflectiveOperationException problem;

  private LogbackEvent(
      @Nullable MethodHandle getter,
      @Nullable MethodHandle setter,
      @Nullable ReflectiveOperationException problem) {
    this.getter = getter;
    this.setter = setter;
    this.problem = problem;
  }

  /**
   * Finds the field.
   *
   * @param type {@code LoggingEvent} or a class that extends it
   */
  static LogbackEvent of(Class<?> type, PackageOpener opener) {
    try {
      Class<?> declaring = type;
      while (!declaring.getName().equals(TYPE)) {
        declaring = declaring.getSuperclass();
        if (declaring == null) {
          throw new NoSuchFieldException(type.getName() + " is no " + TYPE);
        }
      }
      opener.open(declaring);
      Lookup lookup = MethodHandles.privateLookupIn(declaring, MethodHandles.lookup());
      return new LogbackEvent(
          lookup
              .findGetter(declaring, FIELD, Map.class)
              .asType(MethodType.methodType(Map.class, Object.class)),
          lookup
              .findSetter(declaring, FIELD, Map.class)
              .asType(MethodType.methodType(void.class, Object.class, Map.class)),
          null);
    } catch (ReflectiveOperationException e) { // A later Logback has another field.
      return new LogbackEvent(null, null, e);
    }
  }

  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  boolean isFresh(Object event) throws Throwable {
    if (getter == null) {
      throw problem();
    }
    Map<?, ?> context = (Map<?, ?>) getter.invokeExact(event);
    return context == null;
  }

  @SuppressWarnings("IllegalThrows") // A method handle declares it.
  void keep(Object event, Map<String, String> context) throws Throwable {
    if (setter == null) {
      throw problem();
    }
    setter.invokeExact(event, (Map) context);
  }

  private Throwable problem() {
    return problem == null ? new IllegalStateException() : problem;
  }
}

package io.agentlog.agent.capture;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * A tracer as one class loader sees it. Its methods are looked up once the tracer is initialised,
 * and never initialise it. Refers to the loader's classes, so only classes of that loader or of one
 * below may hold it. Thread-safe.
 */
final class SpanSource {
  /** Initialised with the storage of the context, to which nothing can be added afterwards. */
  static final String OTEL_STORAGE = "io/opentelemetry/context/LazyStorage";

  static final String OTEL_SPAN = "io/opentelemetry/api/trace/Span";
  static final String BRAVE = "brave/Tracing";
  static final String DATADOG_TRACER = "datadog.trace.api.GlobalTracer";

  /** Begins the names of OpenTelemetry's classes in OpenTelemetry's agent. */
  static final String SHADED = "io.opentelemetry.javaagent.shaded.";

  private static final String DATADOG_IDS = "datadog.trace.api.CorrelationIdentifier";

  private final String tracer;
  private final Class<?> gate;
  private final Linking linking;
  private volatile @Nullable Current reader;
  private volatile boolean unusable;

  private SpanSource(String tracer, Class<?> gate, Linking linking) {
    this.tracer = tracer;
    this.gate = gate;
    this.linking = linking;
  }

  /** Reads the current span of the calling thread; throws what the tracer throws. */
  @FunctionalInterface
  @SuppressWarnings("IllegalThrows") // Method handles declare it.
  private interface Current {
    TraceParent get() throws Throwable;
  }

  /** Looks methods of the tracer up. */
  @FunctionalInterface
  private interface Linking {
    Current link(Lookup lookup) throws ReflectiveOperationException;
  }

  /**
   * Makes the source of OpenTelemetry's API.
   *
   * @param storage the class that must be initialised first
   * @param spanName name of the class {@code Span}
   */
  static SpanSource openTelemetry(String tracer, Class<?> storage, String spanName) {
    return new SpanSource(
        tracer,
        storage,
        lookup -> {
          ClassLoader loader = storage.getClassLoader();
          Class<?> span = Class.forName(spanName, false, loader);
          Class<?> context = Class.forName(spanName + "Context", false, loader);
          MethodHandle current =
              MethodHandles.filterReturnValue(
                      lookup.findStatic(span, "current", MethodType.methodType(span)),
                      lookup.findVirtual(span, "getSpanContext", MethodType.methodType(context)))
                  .asType(MethodType.methodType(Object.class));
          MethodHandle isValid =
              lookup
                  .findVirtual(context, "isValid", MethodType.methodType(boolean.class))
                  .asType(MethodType.methodType(boolean.class, Object.class));
          MethodHandle traceId = text(lookup, context, "getTraceId");
          MethodHandle spanId = text(lookup, context, "getSpanId");
          return () -> {
            Object found = (Object) current.invokeExact();
            return (boolean) isValid.invokeExact(found)
                ? TraceParent.ofIds(
                    (String) traceId.invokeExact(found), (String) spanId.invokeExact(found))
                : TraceParent.NONE;
          };
        });
  }

  /**
   * Makes the source of Datadog's agent.
   *
   * @param tracer its class {@code GlobalTracer}
   */
  static SpanSource datadog(Class<?> tracer) {
    return new SpanSource(
        "Datadog",
        tracer,
        lookup -> {
          Class<?> ids = Class.forName(DATADOG_IDS, false, tracer.getClassLoader());
          MethodType type = MethodType.methodType(String.class);
          MethodHandle traceId = lookup.findStatic(ids, "getTraceId", type);
          MethodHandle spanId = lookup.findStatic(ids, "getSpanId", type);
          return () ->
              TraceParent.ofDecimals((String) traceId.invokeExact(), (String) spanId.invokeExact());
        });
  }

  /**
   * Makes the source of Brave.
   *
   * @param tracing its class {@code Tracing}
   */
  static SpanSource brave(Class<?> tracing) {
    return new SpanSource(
        "Brave",
        tracing,
        lookup -> {
          ClassLoader loader = tracing.getClassLoader();
          Class<?> contexts = Class.forName("brave.propagation.CurrentTraceContext", false, loader);
          Class<?> context = Class.forName("brave.propagation.TraceContext", false, loader);
          MethodHandle current =
              lookup
                  .findStatic(tracing, "current", MethodType.methodType(tracing))
                  .asType(MethodType.methodType(Object.class));
          // Not its currentSpan(), which would make a span to be finished.
          MethodHandle contextOf =
              MethodHandles.filterReturnValue(
                      lookup.findVirtual(
                          tracing, "currentTraceContext", MethodType.methodType(contexts)),
                      lookup.findVirtual(contexts, "get", MethodType.methodType(context)))
                  .asType(MethodType.methodType(Object.class, Object.class));
          MethodHandle traceId = text(lookup, context, "traceIdString");
          MethodHandle spanId = text(lookup, context, "spanIdString");
          return () -> {
            Object open = (Object) current.invokeExact();
            Object found = open == null ? null : (Object) contextOf.invokeExact(open);
            return found == null
                ? TraceParent.NONE
                : TraceParent.ofIds(
                    (String) traceId.invokeExact(found), (String) spanId.invokeExact(found));
          };
        });
  }

  private static MethodHandle text(Lookup lookup, Class<?> type, String method)
      throws ReflectiveOperationException {
    return lookup
        .findVirtual(type, method, MethodType.methodType(String.class))
        .asType(MethodType.methodType(String.class, Object.class));
  }

  /** Returns the tracer's name for messages. */
  String tracer() {
    return tracer;
  }

  /**
   * Returns whether {@link #current} may be called. Throws once if the tracer is an unknown one.
   */
  boolean isReady(ClassInitialization initialization) throws ReflectiveOperationException {
    if (reader != null) {
      return true;
    }
    if (unusable || !initialization.isDone(gate)) {
      return false;
    }
    unusable = true; // Unless the next line returns.
    reader = linking.link(MethodHandles.publicLookup());
    unusable = false;
    return true;
  }

  /** Returns the current span of the calling thread, {@link TraceParent#NONE} if there is none. */
  @SuppressWarnings("IllegalThrows") // The tracer's own.
  TraceParent current() throws Throwable {
    Current known = reader;
    return known == null ? TraceParent.NONE : known.get();
  }
}

package io.agentlog.agent.capture;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the span that is current on a thread when an execution starts there. The first valid one
 * wins: OpenTelemetry in the application, OpenTelemetry's agent, Datadog, Brave, the MDC.
 * Thread-safe; never throws. A tracer that throws counts as one without a span.
 */
final class AmbientTrace {
  /** Classes of the application to note, with slashes. */
  static final List<String> CLASSES =
      List.of(SpanSource.OTEL_STORAGE, SpanSource.OTEL_SPAN, SpanSource.BRAVE);

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ApplicationClasses classes;
  private final ClassInitialization initialization;
  private final ApplicationMdc mdc;
  private final Counters counters;

  /** Tracers of other agents, which every loader sees. Replaced, never changed. */
  private volatile List<SpanSource> ofAgents = List.of();

  private long lookedNanos = System.nanoTime() - LOOK_NANOS; // Of the agent's own thread.

  AmbientTrace(
      ApplicationClasses classes,
      ClassInitialization initialization,
      ApplicationMdc mdc,
      Counters counters) {
    this.classes = classes;
    this.initialization = initialization;
    this.mdc = mdc;
    this.counters = counters;
  }

  /** The tracers that a plan's class sees. The plan holds it, because it refers to classes. */
  record Found(int seen, List<SpanSource> ofAgents, List<SpanSource> all) {}

  /** Returns the current span of the calling thread, {@link TraceParent#NONE} if there is none. */
  TraceParent around(MethodPlan plan) {
    int seen = classes.seen();
    List<SpanSource> boot = ofAgents;
    if (seen == 0 && boot.isEmpty()) {
      return TraceParent.NONE;
    }
    Found found = plan.tracers;
    if (found == null || found.seen() != seen || found.ofAgents() != boot) {
      found = new Found(seen, boot, find(plan.type.getClassLoader(), boot));
      plan.tracers = found;
    }
    List<SpanSource> sources = found.all();
    for (int i = 0; i < sources.size(); i++) { // No iterator: each call comes by.
      TraceParent current = read(sources.get(i));
      if (current.isPresent()) {
        return current;
      }
    }
    MethodHandle get = mdc.getter(plan);
    return get == null ? TraceParent.NONE : ofMdc(get);
  }

  private TraceParent read(SpanSource source) {
    try {
      return source.isReady(initialization) ? source.current() : TraceParent.NONE;
    } catch (Throwable t) { // The tracer's own.
      counters.increment(Counter.VALUE_FAILED);
      if (!(t instanceof VirtualMachineError)) {
        DeferredLog.once(
            "trace " + source.tracer(),
            "capture",
            ("the current span of %s could not be read, so executions have no trace_id from it: %s."
                    + " trace.ambient=false reads none")
                .formatted(source.tracer(), AgentLog.describeWithoutMessage(t)));
      }
      return TraceParent.NONE;
    }
  }

  private static TraceParent ofMdc(MethodHandle get) {
    TraceParent current = ofMdc(get, "trace_id", "span_id");
    if (!current.isPresent()) {
      current = ofMdc(get, "traceId", "spanId");
    }
    if (current.isPresent()) {
      return current;
    }
    String trace = ApplicationMdc.value(get, "dd.trace_id");
    return trace == null
        ? TraceParent.NONE
        : TraceParent.ofDecimals(trace, ApplicationMdc.value(get, "dd.span_id"));
  }

  private static TraceParent ofMdc(MethodHandle get, String traceKey, String spanKey) {
    String trace = ApplicationMdc.value(get, traceKey);
    return trace == null
        ? TraceParent.NONE
        : TraceParent.ofIds(trace, ApplicationMdc.value(get, spanKey));
  }

  private List<SpanSource> find(@Nullable ClassLoader loader, List<SpanSource> boot) {
    List<SpanSource> found = new ArrayList<>();
    Class<?> storage = classes.find(SpanSource.OTEL_STORAGE, loader);
    Class<?> span = classes.find(SpanSource.OTEL_SPAN, loader);
    if (storage != null && span != null) {
      found.add(SpanSource.openTelemetry("OpenTelemetry", storage, span.getName()));
    }
    found.addAll(boot);
    Class<?> brave = classes.find(SpanSource.BRAVE, loader);
    if (brave != null) {
      found.add(SpanSource.brave(brave));
    }
    return List.copyOf(found);
  }

  /**
   * Looks every few seconds, until one is there, because an agent may be attached late. Asks the
   * boot loader alone, whose classes are none of the application.
   */
  void lookOnBootPath() {
    long now = System.nanoTime();
    if (!ofAgents.isEmpty() || now - lookedNanos < LOOK_NANOS) {
      return;
    }
    lookedNanos = now;
    List<SpanSource> found = new ArrayList<>();
    Class<?> storage = onBootPath(SpanSource.SHADED + SpanSource.OTEL_STORAGE.replace('/', '.'));
    if (storage != null) {
      String span = SpanSource.SHADED + SpanSource.OTEL_SPAN.replace('/', '.');
      found.add(SpanSource.openTelemetry("OpenTelemetry's agent", storage, span));
    }
    Class<?> datadog = onBootPath(SpanSource.DATADOG_TRACER);
    if (datadog != null) {
      found.add(SpanSource.datadog(datadog));
    }
    if (!found.isEmpty()) {
      ofAgents = List.copyOf(found);
    }
  }

  private static @Nullable Class<?> onBootPath(String name) {
    try {
      return Class.forName(name, false, null);
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }
}

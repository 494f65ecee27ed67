package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.metrics.Counters;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what surrounds a call of the application: the MDC of its log and the span of its tracer.
 * Reads nothing that the application has not initialised itself: the first caller of the MDC
 * decides on SLF4J's binding, the first caller of OpenTelemetry's context on its storage.
 * Thread-safe; never throws.
 */
public final class Surroundings {
  private static final List<String> CORRELATION_KEYS =
      List.of("correlation_id", "correlationId", "X-Correlation-ID", "x-correlation-id");

  private final ApplicationClasses classes =
      new ApplicationClasses(
          Stream.concat(Stream.of(ApplicationMdc.CLASS), AmbientTrace.CLASSES.stream()).toList());

  private final ApplicationMdc mdc;
  private final @Nullable AmbientTrace trace;

  /** Makes surroundings in which tracers are looked for. */
  public Surroundings(PackageOpener opener, Counters counters) {
    this(opener, counters, true);
  }

  /**
   * @param ambient false looks for no tracer, and no nested execution has the IDs of its parent
   */
  public Surroundings(PackageOpener opener, Counters counters, boolean ambient) {
    ClassInitialization initialization = new ClassInitialization(opener);
    this.mdc = new ApplicationMdc(classes, initialization);
    this.trace = ambient ? new AmbientTrace(classes, initialization, mdc, counters) : null;
  }

  /**
   * Notes that a loader is about to define a class.
   *
   * @param className with slashes
   * @return true if the class is read from here
   */
  public boolean note(String className, ClassLoader loader) {
    return classes.note(className, loader);
  }

  /** Looks for tracers of other agents. Called often, by a thread of the agent. */
  public void lookOnBootPath() {
    if (trace != null) {
      trace.lookOnBootPath();
    }
  }

  /** Returns the correlation ID of the calling thread; null if there is none. */
  @Nullable String correlation(MethodPlan plan) {
    return mdc.first(plan, CORRELATION_KEYS);
  }

  /**
   * Returns the span around an execution that starts now on the calling thread.
   *
   * @param given by the call itself; wins if there is one
   */
  TraceParent traceOf(MethodPlan plan, TraceParent given, @Nullable Execution parent) {
    if (given.isPresent() || trace == null) {
      return given;
    }
    TraceParent around = trace.around(plan);
    return around.isPresent() || parent == null ? around : parent.metadata().trace();
  }
}

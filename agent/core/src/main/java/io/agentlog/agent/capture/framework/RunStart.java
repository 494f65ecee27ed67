package io.agentlog.agent.capture.framework;

import io.agentlog.event.Event;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of a run that are known when it begins.
 *
 * @param kind of the execution
 * @param agentName the framework's own name; may be long, it is cut
 * @param correlation value under one of agentlog's names in the framework's context, or null
 * @param session conversation or memory ID, or null
 * @param type a class that sees the application's libraries, as the interface of a service, for its
 *     MDC and tracer; null if there is none. It is held as long as the run
 * @param metadata JSON values; {@code framework} holds name, version, method and invocation ID
 */
public record RunStart(
    Event.Kind kind,
    String agentName,
    @Nullable Object correlation,
    @Nullable Object session,
    @Nullable Class<?> type,
    Map<String, @Nullable Object> metadata) {
  /** A run of which no class of the application is known. */
  public RunStart(
      Event.Kind kind,
      String agentName,
      @Nullable Object correlation,
      @Nullable Object session,
      Map<String, @Nullable Object> metadata) {
    this(kind, agentName, correlation, session, null, metadata);
  }
}

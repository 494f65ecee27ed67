package io.agentlog.agent.capture.logline;

import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Adds the IDs of an execution to the context of a log event. What the application has put there
 * under the same key stays. Thread-safe; never throws.
 */
public final class LogLines {
  static final String EXECUTION_KEY = "agent_execution_id";
  static final String CORRELATION_KEY = "correlation_id";

  private final Counters counters;

  /** Classes hold what belongs to them, so that they can be unloaded. */
  private final ClassValue<LogbackEvent> logback;

  private final ClassValue<Log4jContext> log4j =
      new ClassValue<>() {
        @Override
        protected Log4jContext computeValue(Class<?> type) {
          return Log4jContext.of(type);
        }
      };

  /**
   * @param opener opens the package of Logback's events where Logback is a named module
   */
  public LogLines(PackageOpener opener, Counters counters) {
    this.counters = counters;
    this.logback =
        new ClassValue<>() {
          @Override
          protected LogbackEvent computeValue(Class<?> type) {
            return LogbackEvent.of(type, opener);
          }
        };
  }

  /**
   * Returns whether the context of an event of Logback is still to be taken from the MDC, which
   * happens on the thread that logs. The context of other events is final: another thread reads it,
   * or the application has set it.
   */
  public boolean isFresh(Object event) {
    try {
      return logback.get(event.getClass()).isFresh(event);
    } catch (Throwable t) {
      failed("Logback", t);
      return false;
    }
  }

  /**
   * Returns the context of a fresh event of Logback with the IDs, and leaves it in the event.
   *
   * @param context as Logback has taken it from the MDC; not changed
   */
  public Map<String, String> add(
      Object event, Map<String, String> context, UUID executionId, UUID correlationId) {
    try {
      Map<String, String> added = new HashMap<>(context);
      added.putIfAbsent(EXECUTION_KEY, executionId.toString());
      added.putIfAbsent(CORRELATION_KEY, correlationId.toString());
      logback.get(event.getClass()).keep(event, added);
      return added;
    } catch (Throwable t) {
      failed("Logback", t);
      return context;
    }
  }

  /**
   * Returns the context data of an event of Log4j with the IDs.
   *
   * @param data as Log4j has taken it from its {@code ThreadContext}; changed only if it is {@code
   *     own}
   * @param own data that belongs to the event; null if there is none
   */
  public Object add(Object data, @Nullable Object own, UUID executionId, UUID correlationId) {
    try {
      Log4jContext context = log4j.get(data.getClass());
      boolean lacksExecution = !context.has(data, EXECUTION_KEY);
      boolean lacksCorrelation = !context.has(data, CORRELATION_KEY);
      if (!lacksExecution && !lacksCorrelation) {
        return data;
      }
      Object changed = data == own && !context.isFrozen(data) ? data : context.copy(data);
      if (lacksExecution) {
        context.put(changed, EXECUTION_KEY, executionId.toString());
      }
      if (lacksCorrelation) {
        context.put(changed, CORRELATION_KEY, correlationId.toString());
      }
      return changed;
    } catch (Throwable t) {
      failed("Log4j", t);
      return data;
    }
  }

  private void failed(String library, Throwable thrown) {
    counters.increment(Counter.SUPPRESSED);
    if (!(thrown instanceof VirtualMachineError)) {
      DeferredLog.once(
          "log line " + library,
          "capture",
          "a log event of %s could not be changed, so lines lack agent_execution_id: %s. Report it"
              .formatted(library, AgentLog.describeWithoutMessage(thrown)));
    }
  }
}

package io.agentlog.agent.status;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import java.util.Map;
import java.util.StringJoiner;

/** The line that the agent prints when it stops: counts of recorded and delivered events. */
public final class ShutdownLine {
  private ShutdownLine() {}

  /**
   * The line, for {@link AgentLog#announce}. Counts of problems are left out if they are 0, except
   * dropped, pending and parked events.
   */
  public static String of(AgentStatus status) {
    StringBuilder line = new StringBuilder(200);
    line.append("stopped: ").append(status.count(Counter.EXECUTIONS_STARTED));
    line.append(" executions, ").append(status.count(Counter.EVENTS_RECORDED));
    line.append(" events recorded, ").append(dropped(status.dropped()));
    if (status.deferredCount() > 0) {
      line.append(", ").append(status.deferredCount()).append(" deferred");
    }
    appendIfAny(line, status, Counter.OUTSIDE_EXECUTION, "outside an execution");
    appendIfAny(line, status, Counter.VALUE_CUT, "values cut");
    appendIfAny(line, status, Counter.WITHHELD, "texts withheld");
    appendIfAny(line, status, Counter.VALUE_FAILED, "values not readable");
    appendIfAny(line, status, Counter.PROMPTS_OMITTED, "prompts omitted");
    appendIfAny(line, status, Counter.MODEL_CALLS_OMITTED, "model calls omitted");
    appendIfAny(line, status, Counter.TOOL_CALLS_OMITTED, "tool calls omitted");
    appendIfAny(line, status, Counter.FILES_OMITTED, "file operations omitted");
    appendIfAny(line, status, Counter.UNPRICED, "model calls without a price");
    appendIfAny(line, status, Counter.WEAVE_FAILED, "classes not woven");
    appendIfAny(line, status, Counter.SUPPRESSED, "errors suppressed");
    for (SinkStatus sink : status.sinks()) {
      line.append("; ").append(sink.name()).append(" delivered ").append(sink.delivered());
      line.append(", pending ").append(sink.pending());
      line.append(", parked ").append(sink.parked());
      if (sink.undecodable() > 0) {
        line.append(", dropped ").append(sink.undecodable());
      }
    }
    return line.toString();
  }

  private static String dropped(Map<String, Long> byCause) {
    long total = 0;
    StringJoiner causes = new StringJoiner(", ", " (", ")").setEmptyValue("");
    for (Map.Entry<String, Long> cause : byCause.entrySet()) {
      if (cause.getValue() > 0) {
        total += cause.getValue();
        causes.add(cause.getKey() + " " + cause.getValue());
      }
    }
    return "dropped " + total + causes;
  }

  private static void appendIfAny(
      StringBuilder line, AgentStatus status, Counter counter, String what) {
    long count = status.count(counter);
    if (count > 0) {
      line.append(", ").append(count).append(' ').append(what);
    }
  }
}

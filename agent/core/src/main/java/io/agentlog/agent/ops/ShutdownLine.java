package io.agentlog.agent.ops;

import io.agentlog.agent.ops.Counters.Counter;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** The one line that says what became of everything when the agent stops. */
public final class ShutdownLine {
  private ShutdownLine() {}

  /**
   * The line, for {@link AgentLog#announce}. What went well is always in it, the rest if there is
   * any.
   *
   * @param droppedByJournal records that the journal did not take, by cause
   * @param deferredCount records that were in the heap for a while before they were in the journal
   */
  public static String of(
      Counters counters,
      Map<String, Long> droppedByJournal,
      long deferredCount,
      List<SinkFigures> sinks) {
    StringBuilder line = new StringBuilder(200);
    line.append("stopped: ").append(counters.get(Counter.EXECUTIONS_STARTED));
    line.append(" executions, ").append(counters.get(Counter.EVENTS_RECORDED));
    line.append(" events recorded, ").append(dropped(counters, droppedByJournal));
    if (deferredCount > 0) {
      line.append(", ").append(deferredCount).append(" deferred");
    }
    appendIfAny(line, counters, Counter.OUTSIDE_EXECUTION, "outside an execution");
    appendIfAny(line, counters, Counter.VALUE_CUT, "values cut");
    appendIfAny(line, counters, Counter.WITHHELD, "texts withheld");
    appendIfAny(line, counters, Counter.VALUE_FAILED, "values not readable");
    appendIfAny(line, counters, Counter.WEAVE_FAILED, "classes not woven");
    appendIfAny(line, counters, Counter.SUPPRESSED, "errors suppressed");
    for (SinkFigures sink : sinks) {
      line.append("; ").append(sink.name()).append(" delivered ").append(sink.delivered());
      line.append(", pending ").append(sink.pending());
      line.append(", parked ").append(sink.parked());
      if (sink.dropped() > 0) {
        line.append(", dropped ").append(sink.dropped());
      }
    }
    return line.toString();
  }

  private static String dropped(Counters counters, Map<String, Long> droppedByJournal) {
    Map<String, Long> byCause = new TreeMap<>(droppedByJournal);
    byCause.merge("after_end", counters.get(Counter.AFTER_END), Long::sum);
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
      StringBuilder line, Counters counters, Counter counter, String what) {
    long count = counters.get(counter);
    if (count > 0) {
      line.append(", ").append(count).append(' ').append(what);
    }
  }
}

package io.agentlog.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All calls of a measured JVM, which its agent must have recorded.
 *
 * @param byPromptBytes number of calls by the length of their prompt
 * @param traced whether OpenTelemetry's agent had woven the calls
 * @param probes how often {@code traced} was asked; each time makes a span
 */
record Calls(Map<Integer, Long> byPromptBytes, boolean traced, int probes) {
  Calls {
    byPromptBytes = Map.copyOf(byPromptBytes);
  }

  static Calls of(List<ThreadLog> threads) {
    Map<Integer, Long> byPromptBytes = new TreeMap<>();
    boolean traced = !threads.isEmpty();
    for (ThreadLog thread : threads) {
      traced &= thread.traced;
      for (ThreadLog.Burst burst : thread.bursts) {
        byPromptBytes.merge(burst.promptBytes(), (long) burst.calls(), Long::sum);
      }
    }
    return new Calls(byPromptBytes, traced, threads.size());
  }

  long count() {
    return byPromptBytes.values().stream().mapToLong(Long::longValue).sum();
  }
}

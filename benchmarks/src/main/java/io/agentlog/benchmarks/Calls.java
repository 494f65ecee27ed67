package io.agentlog.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The calls that a measured JVM made in its whole life, which is what its agent has to show for.
 *
 * @param byPromptBytes their number, by the length of their prompt
 * @param traced if OpenTelemetry's agent had woven them
 * @param probes how often that was asked, which makes a span each
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

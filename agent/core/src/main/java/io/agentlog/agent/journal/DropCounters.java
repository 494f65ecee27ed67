package io.agentlog.agent.journal;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Records dropped, by cause. Thread-safe; counting calls nothing that allocates. */
final class DropCounters {
  private final Map<DropCause, AtomicLong> counts = new EnumMap<>(DropCause.class);

  DropCounters() {
    for (DropCause cause : DropCause.values()) {
      counts.put(cause, new AtomicLong());
    }
  }

  /** Counts one; returns false, since nothing was taken. */
  boolean drop(DropCause cause) {
    AtomicLong count = counts.get(cause);
    if (count != null) { // Every cause is there from the start.
      count.incrementAndGet();
    }
    return false;
  }

  long total() {
    return counts.values().stream().mapToLong(AtomicLong::get).sum();
  }

  Map<String, Long> byCause() {
    Map<String, Long> byCause = new LinkedHashMap<>();
    counts.forEach((cause, count) -> byCause.put(cause.wireName(), count.get()));
    return byCause;
  }
}

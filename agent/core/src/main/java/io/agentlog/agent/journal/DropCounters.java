package io.agentlog.agent.journal;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts dropped records by cause. Thread-safe; counting allocates nothing. */
final class DropCounters {
  private final Map<DropCause, AtomicLong> counts = new EnumMap<>(DropCause.class);

  DropCounters() {
    for (DropCause cause : DropCause.values()) {
      counts.put(cause, new AtomicLong());
    }
  }

  /** Counts one dropped record. Always returns false, the result of the append. */
  boolean drop(DropCause cause) {
    AtomicLong count = counts.get(cause);
    if (count != null) { // Never null: the constructor adds every cause.
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

package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Warnings of which each kind is printed at most once in ten minutes. Not thread-safe. */
final class RareLines {
  static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final LongSupplier nanoTime;
  private final Map<Kind, Long> printedNanos = new HashMap<>();

  /** The subject of a warning. */
  enum Kind {
    NOT_NOTED,
    UNEXPECTED,
    TIMES_OF_JVMS,
    TOO_MANY_PARTITIONS,
    TWO_JUDGES,
    SHUT_GATE,
    REFUSED_HEARTBEATS,
    ORPHANS
  }

  RareLines(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void warn(Kind kind, String line) {
    long now = nanoTime.getAsLong();
    Long printed = printedNanos.get(kind);
    if (printed == null || now - printed >= INTERVAL_NANOS) {
      printedNanos.put(kind, now);
      AgentLog.warn("connect", line);
    }
  }
}

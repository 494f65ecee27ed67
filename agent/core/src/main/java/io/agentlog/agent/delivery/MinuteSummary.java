package io.agentlog.agent.delivery;

import org.jspecify.annotations.Nullable;

/**
 * Gathers what would be a line each into at most one line a minute, the first at once. Not
 * thread-safe.
 */
final class MinuteSummary {
  static final long INTERVAL_NANOS = 60_000_000_000L;

  /** Prints what was gathered. */
  @FunctionalInterface
  interface Line {
    void print(long count, String lastDetail);
  }

  private final NanoClock clock;
  private final Line line;
  private long count;
  private @Nullable String lastDetail;
  private boolean printed;
  private long printedNanos;

  MinuteSummary(NanoClock clock, Line line) {
    this.clock = clock;
    this.line = line;
  }

  /** Gathers one and prints if it is time. */
  void add(String detail) {
    add(1, detail);
  }

  /** Gathers several and prints if it is time. */
  void add(long more, String detail) {
    count += more;
    lastDetail = detail;
    printIfDue();
  }

  /** Prints what is left of a burst, once its minute is over. */
  void printIfDue() {
    String detail = lastDetail;
    if (detail == null) {
      return;
    }
    long now = clock.nanoTime();
    if (printed && now - printedNanos < INTERVAL_NANOS) {
      return;
    }
    printed = true;
    printedNanos = now;
    long gathered = count;
    count = 0;
    lastDetail = null;
    line.print(gathered, detail);
  }
}

package io.agentlog.log;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Summarises occurrences in at most one log line a minute; prints the first one at once. Not
 * thread-safe.
 */
public final class MinuteSummary {
  /** Least time between two lines. */
  public static final long INTERVAL_NANOS = 60_000_000_000L;

  /** Prints the summary. */
  @FunctionalInterface
  public interface Line {
    void print(long count, String lastDetail);
  }

  private final LongSupplier nanoTime;
  private final Line line;
  private long count;
  private @Nullable String lastDetail;
  private boolean printed;
  private long printedNanos;

  /** {@code nanoTime} as {@link System#nanoTime()}. */
  public MinuteSummary(LongSupplier nanoTime, Line line) {
    this.nanoTime = nanoTime;
    this.line = line;
  }

  /** Adds one and prints if a minute has passed since the last line. */
  public void add(String detail) {
    add(1, detail);
  }

  /** Adds several and prints if a minute has passed since the last line. */
  public void add(long more, String detail) {
    count += more;
    lastDetail = detail;
    printIfDue();
  }

  /** Prints the rest of a burst once a minute has passed since the last line. */
  public void printIfDue() {
    String detail = lastDetail;
    if (detail == null) {
      return;
    }
    long now = nanoTime.getAsLong();
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

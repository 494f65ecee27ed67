package io.agentlog.agent.ops;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * A warning that may come often and is printed at most once in an interval; the next one printed
 * says how many were left out. Thread-safe; a caller whose line is left out does not wait.
 */
public final class RateLimitedLog {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final String area;
  private final long intervalNanos;
  private final LongSupplier nanoTime;
  private final BiConsumer<String, String> printer;
  private final AtomicLong nextNanos;
  private final AtomicLong leftOutCount = new AtomicLong();

  RateLimitedLog(
      String area, Duration interval, LongSupplier nanoTime, BiConsumer<String, String> printer) {
    this.area = area;
    this.intervalNanos = interval.toNanos();
    this.nanoTime = nanoTime;
    this.printer = printer;
    this.nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /** At most one warning a minute, the first at once. */
  public static RateLimitedLog oncePerMinute(String area) {
    return new RateLimitedLog(area, MINUTE, System::nanoTime, AgentLog::warn);
  }

  /** Prints the warning, or counts it if the last one was printed less than an interval ago. */
  public void warn(String message) {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + intervalNanos)) {
      leftOutCount.incrementAndGet();
      return;
    }
    long leftOut = leftOutCount.getAndSet(0);
    printer.accept(
        area, leftOut == 0 ? message : message + " (" + leftOut + " lines like it were left out)");
  }
}

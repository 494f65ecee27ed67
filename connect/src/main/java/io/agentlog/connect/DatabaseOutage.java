package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import io.agentlog.sink.RetryDelay;
import io.agentlog.sink.SinkUnavailableException;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the database takes events, and how long to wait before it is asked again. Logs the change
 * of state, and once a minute that it is still away. Belongs to the task's thread.
 */
final class DatabaseOutage {
  private static final String AREA = "connect";
  private static final long WAIT_LEAST_MILLIS = 1_000;

  private final String target;
  private final LongSupplier nanoTime;
  private final RetryDelay delay;
  private final TaskCounters counters;
  private boolean isAway;
  private long sinceNanos;
  private long lineNanos;

  DatabaseOutage(
      String target, LongSupplier nanoTime, DoubleSupplier random, TaskCounters counters) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.delay = new RetryDelay(random);
    this.counters = counters;
  }

  /**
   * Notes a failed attempt.
   *
   * @return how long to wait before the next, in milliseconds
   */
  long failed(SinkUnavailableException why) {
    counters.outage.set(1);
    long now = nanoTime.getAsLong();
    String text = SettingNames.inPlaceOfAgents(String.valueOf(why.getMessage()));
    if (!isAway) {
      isAway = true;
      sinceNanos = now;
      lineNanos = now;
      AgentLog.warn(
          AREA, "down at " + target + ": " + text + ". Events wait in Kafka and are tried again");
    } else if (now - lineNanos >= MinuteSummary.INTERVAL_NANOS) {
      lineNanos = now;
      AgentLog.warn(AREA, "still down at %s after %s s: %s".formatted(target, seconds(now), text));
    }
    long waitMillis =
        Math.max(TimeUnit.NANOSECONDS.toMillis(delay.nextNanos()), why.retryDelayMin().toMillis());
    return Math.max(WAIT_LEAST_MILLIS, waitMillis);
  }

  /** Notes that the database took events, or answered. */
  void ended() {
    if (isAway) {
      isAway = false;
      counters.outage.set(0);
      AgentLog.info(
          AREA, "up again at %s after %s s".formatted(target, seconds(nanoTime.getAsLong())));
    }
    delay.reset();
  }

  private long seconds(long nowNanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nowNanos - sinceNanos);
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import java.util.function.LongSupplier;

/**
 * Logs that a sink goes down, comes up again, and once a minute that it is still down. Belongs to
 * the sink's thread.
 */
final class OutageLog {
  private final String sinkName;
  private final String target;
  private final NanoClock clock;
  private final LongSupplier pending;
  private boolean down;
  private long downSinceNanos;
  private long lineNanos;
  private String message = "";

  OutageLog(String sinkName, String target, NanoClock clock, LongSupplier pending) {
    this.sinkName = sinkName;
    this.target = target;
    this.clock = clock;
    this.pending = pending;
  }

  /** Notes a failed attempt. */
  void failed(String why) {
    message = why;
    if (down) {
      printIfDue();
      return;
    }
    long now = clock.nanoTime();
    AgentLog.warn(
        sinkName,
        "down at " + target + ": " + why + ". Events wait in the journal and are tried again");
    down = true; // Only now: without memory for the line, the next failure prints it.
    downSinceNanos = now;
    lineNanos = now;
  }

  /** Logs that the sink is still down, if a minute has passed. */
  void printIfDue() {
    long now = clock.nanoTime();
    if (!down || now - lineNanos < MinuteSummary.INTERVAL_NANOS) {
      return;
    }
    lineNanos = now;
    AgentLog.warn(
        sinkName,
        "still down after %s s: %s. %s events wait"
            .formatted(seconds(now), message, pending.getAsLong()));
  }

  /**
   * Notes that the sink took events, or that it answered while it had none to take. Called before
   * events are settled, so that they count as waiting.
   */
  void delivered() {
    if (!down) {
      return;
    }
    down = false;
    AgentLog.info(
        sinkName,
        "up again after %s s; %s events were waiting"
            .formatted(seconds(clock.nanoTime()), pending.getAsLong()));
  }

  private long seconds(long nowNanos) {
    return Math.round((nowNanos - downSinceNanos) / 1e9);
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import java.util.function.LongSupplier;

/**
 * Says when a sink goes down and comes up again, and once a minute that it is still down. Belongs
 * to the sink's thread.
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

  /** An attempt has failed. */
  void failed(String why) {
    message = why;
    if (down) {
      printIfDue();
      return;
    }
    down = true;
    downSinceNanos = clock.nanoTime();
    lineNanos = downSinceNanos;
    AgentLog.warn(
        sinkName,
        "down at " + target + ": " + why + ". Events wait in the journal and are tried again");
  }

  /** Time passes. */
  void printIfDue() {
    long now = clock.nanoTime();
    if (!down || now - lineNanos < MinuteSummary.INTERVAL_NANOS) {
      return;
    }
    lineNanos = now;
    AgentLog.warn(
        sinkName,
        "still down after "
            + seconds(now)
            + " s: "
            + message
            + ". "
            + pending.getAsLong()
            + " events wait");
  }

  /**
   * The sink took events, or has none to take and answers. Called before they are settled, so that
   * they count as waiting.
   */
  void delivered() {
    if (!down) {
      return;
    }
    down = false;
    AgentLog.info(
        sinkName,
        "up again after "
            + seconds(clock.nanoTime())
            + " s; "
            + pending.getAsLong()
            + " events were waiting");
  }

  private long seconds(long nowNanos) {
    return Math.round((nowNanos - downSinceNanos) / 1e9);
  }
}

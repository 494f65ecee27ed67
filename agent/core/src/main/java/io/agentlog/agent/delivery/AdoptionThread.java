package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import io.agentlog.log.AgentThreads;
import io.agentlog.log.DeferredLog;
import java.util.concurrent.locks.LockSupport;

/**
 * Delivers the journals of dead JVMs of this service on a thread of its own: at the start, and
 * every 30 s, because another JVM may die meanwhile.
 */
public final class AdoptionThread {
  private static final long INTERVAL_NANOS = 30_000_000_000L;

  private final DeadJournals deadJournals;
  private final Thread thread;
  private volatile boolean stopRequested;

  public AdoptionThread(DeadJournals deadJournals) {
    this.deadJournals = deadJournals;
    this.thread = AgentThreads.daemon("agentlog-adoption", this::run);
  }

  public void start() {
    thread.start();
  }

  /** Asks for the end without waiting. Undelivered events stay for the next JVM. */
  public void requestStop() {
    stopRequested = true;
    LockSupport.unpark(thread);
  }

  private static void report(Throwable thrown) {
    try {
      DeferredLog.once(
          "adoption",
          "journal",
          "can't look for journals of dead JVMs: %s. Trying again every 30 s"
              .formatted(AgentLog.describe(thrown)));
    } catch (Throwable t) { // No memory for a line either.
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }

  private void run() {
    while (!stopRequested) {
      try {
        deadJournals.deliverAll(() -> stopRequested);
      } catch (Throwable t) { // The next time may be better.
        report(t);
      }
      long until = System.nanoTime() + INTERVAL_NANOS;
      while (!stopRequested && System.nanoTime() - until < 0) {
        LockSupport.parkNanos(this, until - System.nanoTime());
      }
    }
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import io.agentlog.log.AgentThreads;
import io.agentlog.log.DeferredLog;
import java.util.concurrent.locks.LockSupport;

/**
 * Delivers the journals of dead JVMs of this service beside that of this one: once at the start,
 * and again from time to time, since another one may die meanwhile.
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

  /** Asks for the end; waits for nothing: whatever is left is left for the next JVM. */
  public void requestStop() {
    stopRequested = true;
    LockSupport.unpark(thread);
  }

  private static void say(Throwable thrown) {
    try {
      DeferredLog.once(
          "adoption", "journal", "dead journals can't be looked at: " + AgentLog.describe(thrown));
    } catch (Throwable t) { // There is no memory for a line either.
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }

  private void run() {
    while (!stopRequested) {
      try {
        deadJournals.deliverAll(() -> stopRequested);
      } catch (Throwable t) { // The next time may be better.
        say(t);
      }
      long until = System.nanoTime() + INTERVAL_NANOS;
      while (!stopRequested && System.nanoTime() - until < 0) {
        LockSupport.parkNanos(this, until - System.nanoTime());
      }
    }
  }
}

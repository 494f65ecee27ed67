package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import io.agentlog.threads.DutyThread;
import java.io.IOException;

/**
 * Delivers the journals of dead JVMs of this service on a thread of its own: at the start, and
 * every 30 s, because another JVM may die meanwhile.
 */
public final class AdoptionThread {
  private static final long INTERVAL_NANOS = 30_000_000_000L;

  /** Interval of the turns while a delivery goes on between two looks. */
  private static final long LATE_INTERVAL_NANOS = 1_000_000_000L;

  private final DeadJournals deadJournals;
  private final DutyThread thread = new DutyThread("agentlog-adoption", new Adopting());

  public AdoptionThread(DeadJournals deadJournals) {
    this.deadJournals = deadJournals;
  }

  public void start() {
    thread.start();
  }

  /** Asks for the end without waiting. Undelivered events stay for the next JVM. */
  public void requestStop() {
    thread.requestStop();
  }

  private final class Adopting implements DutyThread.Duty {
    private long lookAtNanos = System.nanoTime();

    @Override
    public int doWork() throws IOException {
      deadJournals.keepGoing();
      if (System.nanoTime() - lookAtNanos < 0) {
        return 0;
      }
      try {
        return deadJournals.look(thread::isStopRequested).size();
      } finally {
        lookAtNanos = System.nanoTime() + INTERVAL_NANOS;
      }
    }

    @Override
    public long idleNanos(int done) {
      long nanos = Math.max(0, lookAtNanos - System.nanoTime());
      return deadJournals.isLate() ? Math.min(LATE_INTERVAL_NANOS, nanos) : nanos;
    }

    @Override
    public void onEnd() {
      deadJournals.close();
    }

    @Override
    public void failed(Throwable thrown) { // The next time may be better.
      DeferredLog.once(
          "adoption",
          "journal",
          "can't look for journals of dead JVMs: %s. Trying again every 30 s"
              .formatted(AgentLog.describe(thrown)));
    }
  }
}

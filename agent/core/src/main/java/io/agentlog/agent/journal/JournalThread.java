package io.agentlog.agent.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** The thread of a journal's upkeep. Survives whatever a turn throws. */
public final class JournalThread {
  /** Between turns while segments fill. */
  private static final long BUSY_NANOS = 1_000_000L;

  /** Between turns else: what is ready lasts as long at 100 MB a second. */
  private static final long IDLE_NANOS = 40_000_000L;

  private static final long BUSY_AFTER_WORK_NANOS = 1_000_000_000L;

  private final Journal journal;
  private final Consumer<Throwable> failed;
  private final Thread thread;
  private volatile boolean stopRequested;

  /**
   * Starts nothing.
   *
   * @param failed told of what a turn threw
   * @param threads makes a daemon thread of that name
   */
  public JournalThread(
      Journal journal, Consumer<Throwable> failed, BiFunction<String, Runnable, Thread> threads) {
    this.journal = journal;
    this.failed = failed;
    this.thread = threads.apply("agentlog-journal", this::run);
  }

  public void start() {
    thread.start();
  }

  /** Asks for the end and waits for it, so long at most. */
  public void stop(long waitMillis) throws InterruptedException {
    stopRequested = true;
    LockSupport.unpark(thread);
    thread.join(Math.max(1, waitMillis));
  }

  private void tell(Throwable thrown) {
    try {
      failed.accept(thrown);
    } catch (Throwable t) { // There is no memory for a line either.
      LockSupport.parkNanos(this, IDLE_NANOS);
    }
  }

  private void run() {
    long workedNanos = System.nanoTime();
    while (!stopRequested) {
      try {
        if (journal.doWork() > 0) {
          workedNanos = System.nanoTime();
        }
      } catch (Throwable t) { // No memory, say: the next turn may have some.
        tell(t);
      }
      boolean busy = System.nanoTime() - workedNanos < BUSY_AFTER_WORK_NANOS;
      LockSupport.parkNanos(this, busy ? BUSY_NANOS : IDLE_NANOS);
    }
  }
}

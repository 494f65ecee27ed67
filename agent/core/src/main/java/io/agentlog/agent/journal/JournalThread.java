package io.agentlog.agent.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Thread of a journal's upkeep. Survives everything that a turn throws. */
public final class JournalThread {
  /** Pause between turns while segments fill. */
  private static final long BUSY_NANOS = 1_000_000L;

  /** Pause between turns when idle. Ready segments last as long at 100 MB a second. */
  private static final long IDLE_NANOS = 40_000_000L;

  private static final long BUSY_AFTER_WORK_NANOS = 1_000_000_000L;

  private final Journal journal;
  private final Consumer<Throwable> failed;
  private final Thread thread;
  private volatile boolean stopRequested;

  /**
   * Creates the thread without starting it.
   *
   * @param failed takes what a turn threw
   * @param threads creates a daemon thread with a name
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

  /** Stops the thread, and waits at most {@code waitMillis} for its end. */
  public void stop(long waitMillis) throws InterruptedException {
    stopRequested = true;
    LockSupport.unpark(thread);
    thread.join(Math.max(1, waitMillis));
  }

  private void report(Throwable thrown) {
    try {
      failed.accept(thrown);
    } catch (Throwable t) { // There is no memory to log a line.
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
      } catch (Throwable t) { // For example OutOfMemoryError: the next turn may succeed.
        report(t);
      }
      boolean busy = System.nanoTime() - workedNanos < BUSY_AFTER_WORK_NANOS;
      LockSupport.parkNanos(this, busy ? BUSY_NANOS : IDLE_NANOS);
    }
  }
}

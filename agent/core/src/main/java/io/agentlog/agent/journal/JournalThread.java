package io.agentlog.agent.journal;

import io.agentlog.threads.DutyThread;
import java.util.concurrent.TimeUnit;
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
  private final DutyThread thread = new DutyThread("agentlog-journal", new Upkeep());

  /**
   * Creates the thread without starting it.
   *
   * @param failed takes what a turn threw; may throw itself
   */
  public JournalThread(Journal journal, Consumer<Throwable> failed) {
    this.journal = journal;
    this.failed = failed;
  }

  public void start() {
    thread.start();
  }

  /** Stops the thread, and waits at most {@code waitMillis} for its end. */
  public void stop(long waitMillis) throws InterruptedException {
    thread.requestStop();
    thread.awaitEnd(TimeUnit.MILLISECONDS.toNanos(Math.max(1, waitMillis)));
  }

  private final class Upkeep implements DutyThread.Duty {
    private long workedNanos;

    @Override
    public void onStart() {
      workedNanos = System.nanoTime();
    }

    @Override
    public int doWork() throws Exception {
      return journal.doWork();
    }

    /** Pauses after work too: a segment fills in more than a turn's time. */
    @Override
    public long idleNanos(int done) {
      long now = System.nanoTime();
      if (done > 0) {
        workedNanos = now;
      }
      return now - workedNanos < BUSY_AFTER_WORK_NANOS ? BUSY_NANOS : IDLE_NANOS;
    }

    @Override
    public void failed(Throwable thrown) { // For example OutOfMemoryError.
      failed.accept(thrown);
    }
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.threads.DutyThread;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread of one sink. It ends only after {@link #requestStop}, and closes the writer's
 * reader and sink then. Thread-safe.
 */
final class SinkThread {
  /** Wait after a throwable that the writer could not handle. */
  private static final long AFTER_ERROR_NANOS = 1_000_000_000L;

  private final SinkWriter writer;
  private final DutyThread thread;

  SinkThread(String sinkName, SinkWriter writer) {
    this.writer = writer;
    this.thread = new DutyThread("agentlog-" + sinkName, new Delivering());
  }

  void start() {
    thread.start();
  }

  boolean isStarted() {
    return thread.isStarted();
  }

  /** Asks for the stop; the thread delivers until {@code deadlineNanos} of the writer's clock. */
  void requestStop(long deadlineNanos) {
    writer.requestStop(deadlineNanos);
    thread.wakeUp(); // The thread's own stop follows once the writer has stopped.
  }

  /**
   * Waits for the end.
   *
   * @return false if the thread still runs, because it waits for its backend, say
   */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return thread.awaitEnd(nanos);
  }

  private final class Delivering implements DutyThread.Duty {
    @Override
    public int doWork() {
      int done = writer.doWork();
      if (writer.state() == SinkWriter.State.STOPPED) {
        thread.requestStop();
      }
      return done;
    }

    @Override
    public long idleNanos(int done) {
      return done == 0 ? writer.idleNanos() : 0;
    }

    @Override
    public void failed(Throwable thrown) { // No memory for a log line, say.
      LockSupport.parkNanos(this, AFTER_ERROR_NANOS);
    }

    @Override
    public void onEnd() {
      writer.close();
    }
  }
}

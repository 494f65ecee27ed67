package io.agentlog.agent.delivery;

import io.agentlog.log.AgentThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread of one sink. It ends only after {@link #requestStop}, and closes the writer's
 * reader and sink then. Thread-safe.
 */
final class SinkThread {
  /** Wait after a throwable that the writer could not handle. */
  private static final long AFTER_ERROR_NANOS = 1_000_000_000L;

  private final SinkWriter writer;
  private final NanoClock clock;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);

  SinkThread(String sinkName, SinkWriter writer, NanoClock clock) {
    this.writer = writer;
    this.clock = clock;
    this.thread = AgentThreads.daemon("agentlog-" + sinkName, this::run);
  }

  void start() {
    thread.start();
  }

  boolean isStarted() {
    return thread.getState() != Thread.State.NEW;
  }

  /** Asks for the stop; the thread delivers until {@code deadlineNanos} of the given clock. */
  void requestStop(long deadlineNanos) {
    writer.requestStop(deadlineNanos);
    LockSupport.unpark(thread);
  }

  /**
   * Waits for the end.
   *
   * @return false if the thread still runs, because it waits for its backend, say
   */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void run() {
    try {
      while (writer.state() != SinkWriter.State.STOPPED) {
        try {
          Thread.interrupted(); // A client may have set it; it would end each park and file write.
          if (writer.doWork() == 0) {
            clock.park(writer.idleNanos());
          }
        } catch (Throwable t) { // No memory for a log line, say.
          LockSupport.parkNanos(AFTER_ERROR_NANOS);
        }
      }
      writer.close();
    } finally {
      ended.countDown();
    }
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.log.AgentThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread of one sink. It ends only by its stop; the writer's reader and sink are closed
 * by it. Thread-safe.
 */
final class SinkThread {
  /** Wait after a throwable that not even the writer survived. */
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

  /** Asks for the stop; the thread delivers until the deadline, by the clock. */
  void requestStop(long deadlineNanos) {
    writer.requestStop(deadlineNanos);
    LockSupport.unpark(thread);
  }

  /**
   * Waits for the end.
   *
   * @return false if the thread still runs, as one does that waits for its backend
   */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void run() {
    try {
      while (writer.state() != SinkWriter.State.STOPPED) {
        try {
          Thread.interrupted(); // Left behind by a client: no park would wait, no file be written.
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

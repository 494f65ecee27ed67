package io.agentlog.log;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints on a thread of its own, so that nobody waits for stderr: the thread that holds its lock
 * may be about to load the first annotated class, or its pipe may be full.
 */
public final class LogThread {
  private static final long IDLE_NANOS = 200_000_000L;

  private final CountDownLatch spoken = new CountDownLatch(1);
  private volatile boolean stopRequested;

  /**
   * Starts the thread, which prints the startup line and the problems, then deferred lines until
   * the stop.
   */
  public void start(String startupLine, List<String> configProblems) {
    AgentThreads.daemon(
            "agentlog-log",
            () -> {
              AgentLog.announce(startupLine);
              configProblems.forEach(problem -> AgentLog.warn("config", problem));
              spoken.countDown();
              while (!stopRequested) {
                flush();
                LockSupport.parkNanos(this, IDLE_NANOS);
              }
            })
        .start();
  }

  public void requestStop() {
    stopRequested = true;
  }

  /** Waits until the first lines are printed, so that the last line comes after them. */
  public void awaitFirstLines(Duration max) throws InterruptedException {
    spoken.await(max.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void flush() {
    try {
      DeferredLog.flush();
    } catch (Throwable t) { // Without memory, say, the lines wait.
      LockSupport.parkNanos(IDLE_NANOS / 4);
    }
  }
}

package io.agentlog.log;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints from a thread that nobody waits for: stderr takes a lock, and whoever holds it may be
 * about to load the first annotated class, or the pipe behind it may be full.
 */
public final class LogThread {
  private static final long IDLE_NANOS = 200_000_000L;

  private final CountDownLatch spoken = new CountDownLatch(1);
  private volatile boolean stopRequested;

  /** Prints what the agent begins with, then what is left for it, until it is to stop. */
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

  /** Waits for the first lines, so that the last one comes after them. */
  public void awaitFirstLines(Duration max) throws InterruptedException {
    spoken.await(max.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void flush() {
    try {
      DeferredLog.flush();
    } catch (Throwable t) { // No memory, say: the lines wait.
      LockSupport.parkNanos(IDLE_NANOS / 4);
    }
  }
}

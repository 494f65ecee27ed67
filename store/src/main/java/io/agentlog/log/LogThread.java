package io.agentlog.log;

import io.agentlog.threads.DutyThread;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Prints on a thread of its own, so that nobody waits for stderr: the thread that holds its lock
 * may be about to load the first annotated class, or its pipe may be full.
 */
public final class LogThread {
  private static final long IDLE_NANOS = 200_000_000L;

  private final CountDownLatch spoken = new CountDownLatch(1);
  private final DutyThread thread = new DutyThread("agentlog-log", new Printing());
  private Runnable firstLines = () -> {}; // Written before the thread starts.

  /**
   * Starts the thread, which prints the startup line and the problems, then deferred lines until
   * the stop.
   */
  public void start(String startupLine, List<String> configProblems) {
    firstLines =
        () -> {
          AgentLog.announce(startupLine);
          configProblems.forEach(problem -> AgentLog.warn("config", problem));
        };
    thread.start();
  }

  public void requestStop() {
    thread.requestStop();
  }

  /** Waits until the first lines are printed, so that the last line comes after them. */
  public void awaitFirstLines(Duration max) throws InterruptedException {
    spoken.await(max.toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class Printing implements DutyThread.Duty {
    @Override
    public void onStart() {
      firstLines.run();
      spoken.countDown();
    }

    @Override
    public int doWork() {
      DeferredLog.flush();
      return 0;
    }

    @Override
    public long idleNanos(int done) {
      return IDLE_NANOS;
    }

    @Override
    public void failed(Throwable thrown) {
      // Without memory, say, the lines wait. This is the thread that would print one about it.
    }
  }
}

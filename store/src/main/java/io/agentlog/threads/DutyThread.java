package io.agentlog.threads;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A daemon thread that takes a turn, waits, and takes the next, until it is asked to stop.
 *
 * <pre>
 *  onStart -> doWork -> wait for idleNanos -> doWork -> ... --stop is requested--> onEnd
 *                 \--throws--> failed --/
 * </pre>
 *
 * <p>Modelled on Agrona's {@code AgentRunner}: the loop is here, and only here; a duty knows its
 * turn. Thread-safe.
 */
public final class DutyThread {
  /** Wait if a duty can't even say how long to wait, so that no failure makes the loop spin. */
  private static final long IDLE_UNKNOWN_NANOS = 50_000_000L;

  /**
   * Shortest wait after a turn that threw. Without memory each further turn costs the application a
   * garbage collection.
   */
  private static final long FAILED_NANOS = 100_000_000L;

  /** The turns of a thread, its start and its end. All methods are called on the thread. */
  public interface Duty {
    /** Called once, before the first turn. What it throws ends the thread. */
    default void onStart() {}

    /**
     * Takes a turn.
     *
     * @return how much was done; 0 if there was nothing to do
     */
    int doWork() throws Exception;

    /**
     * Returns how long to wait before the next turn. Must not allocate, because it is asked after
     * an {@code OutOfMemoryError} too.
     *
     * @param done what the turn returned; 0 if it threw
     */
    long idleNanos(int done);

    /**
     * Takes what a turn threw, of any kind: the next turn may succeed. May wait, and may throw
     * itself: for lack of memory, say, there is none for a line in the log either.
     */
    void failed(Throwable thrown);

    /** Called once, after the last turn. */
    default void onEnd() {}
  }

  private final Duty duty;
  private final Thread thread;
  private volatile boolean stopRequested;
  private volatile boolean wakeRequested;

  /** Makes the thread without starting it. */
  public DutyThread(String name, Duty duty) {
    this.duty = duty;
    this.thread = AgentThreads.daemon(name, this::run);
  }

  public void start() {
    thread.start();
  }

  public boolean isStarted() {
    return thread.getState() != Thread.State.NEW;
  }

  /** Asks for the end after the turn that is under way, and wakes the thread. Never waits. */
  public void requestStop() {
    stopRequested = true;
    LockSupport.unpark(thread);
  }

  public boolean isStopRequested() {
    return stopRequested;
  }

  /** Ends the wait between two turns; a turn under way is followed by the next at once. */
  public void wakeUp() {
    wakeRequested = true;
    LockSupport.unpark(thread);
  }

  /**
   * Waits for the end.
   *
   * @return false if the thread still runs, because its turn takes long, say
   */
  public boolean awaitEnd(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.timedJoin(thread, nanos); // Does not wait for a thread never started.
    return !thread.isAlive();
  }

  private void run() {
    try {
      duty.onStart();
      while (!stopRequested) {
        wakeRequested = false;
        // A client may have interrupted the thread, which would end each wait and file write.
        Thread.interrupted();
        int done = 0;
        long idleMin = 0;
        try {
          done = duty.doWork();
        } catch (Throwable t) { // Not Exception: a passing lack of memory must not end the loop.
          failed(t);
          idleMin = FAILED_NANOS;
        }
        idle(done, idleMin);
      }
    } finally {
      duty.onEnd();
    }
  }

  private void failed(Throwable thrown) {
    try {
      duty.failed(thrown);
    } catch (Throwable t) {
      // There is no memory for a line either. The wait follows, then the next turn.
    }
  }

  private void idle(int done, long idleMin) {
    long nanos;
    try {
      nanos = Math.max(idleMin, duty.idleNanos(done));
    } catch (Throwable t) { // A fault of the duty must not make the loop spin or end.
      nanos = Math.max(idleMin, IDLE_UNKNOWN_NANOS);
    }
    long start = System.nanoTime();
    long waited = 0;
    // A park may end for no reason, and being woken does not shorten the wait after a failure.
    while (waited < nanos && !stopRequested && (waited < idleMin || !wakeRequested)) {
      LockSupport.parkNanos(this, (waited < idleMin ? idleMin : nanos) - waited);
      Thread.interrupted(); // Or each further park would end at once.
      waited = System.nanoTime() - start;
    }
  }
}

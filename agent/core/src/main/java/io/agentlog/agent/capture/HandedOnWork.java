package io.agentlog.agent.capture;

import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Has the current execution follow the work that its threads hand on to others: whoever runs it
 * works for that execution meanwhile.
 *
 * <pre>
 *  thread of E:  handOn(task) --- [ task: E ] ---> another thread: enterWork(task) .. leaveWork
 * </pre>
 *
 * <p>What is handed on is remembered beside the object that the JDK makes for it, never in it and
 * never around it: whoever looks for it in a queue finds it. Thread-safe. Costs one look at the
 * calling thread's execution where there is none.
 */
final class HandedOnWork {
  /** Stands for: there was none. */
  private static final Object NONE = new Object();

  private final CurrentExecutions current;
  private final WeakIdentityMap<Execution> work = new WeakIdentityMap<>();

  HandedOnWork(CurrentExecutions current) {
    this.current = current;
  }

  void handOn(Object handedOn) {
    Execution execution = current.get();
    if (execution != null) {
      work.put(handedOn, execution);
    }
  }

  /**
   * A task that the application made. While one and the same waits to be run for another
   * submission, nobody could tell which of the runs is which: then it is wrapped.
   */
  Runnable submit(Runnable task) {
    Execution execution = current.get();
    if (isWoven(task)) {
      if (execution != null) {
        work.putIfAbsent(task, execution); // Unless it was made within one.
      }
      return task;
    }
    if (execution == null) {
      return work.isEmpty() || work.get(task) == null ? task : new Submission(this, task, null);
    }
    return work.putIfAbsent(task, execution) ? task : new Submission(this, task, execution);
  }

  void startThread(Thread thread) {
    Execution execution = current.get();
    if (execution != null) {
      current.inherit(thread, execution);
    }
  }

  void becomeWorker() {
    current.disinherit();
  }

  /** Returns what {@link #leave} takes; null if there is nothing to undo. */
  @Nullable Object enter(Object handedOn, boolean last) {
    Execution execution = last ? work.remove(handedOn) : work.get(handedOn);
    return execution == null ? null : enter(execution);
  }

  void leave(Object entered) {
    if (entered == NONE) {
      current.remove();
    } else {
      current.set((Execution) entered);
    }
  }

  /** {@link #workerIdle} undoes it. */
  void workerRuns(Object task) {
    if (!isWoven(task)) {
      enter(task, true);
    }
  }

  /** Tasks of the JDK tell by themselves when they are run, and whether for the last time. */
  private static boolean isWoven(Object task) {
    return task instanceof FutureTask || task instanceof ForkJoinTask;
  }

  /** A worker has no execution between two tasks. */
  void workerIdle() {
    current.remove();
  }

  /** Forgets what was never run, and has gone. */
  void tidy() {
    work.removeGone();
    current.tidy();
  }

  private Object enter(Execution execution) {
    Execution before = current.ofThread();
    current.set(execution);
    return before == null ? NONE : before;
  }

  /** One of several submissions of the same task. */
  private static final class Submission implements Runnable {
    private final HandedOnWork work;
    private final Runnable task;
    private final @Nullable Execution execution;

    Submission(HandedOnWork work, Runnable task, @Nullable Execution execution) {
      this.work = work;
      this.task = task;
      this.execution = execution;
    }

    @Override
    public void run() {
      Object entered = execution == null ? null : work.enter(execution);
      try {
        task.run();
      } finally {
        if (entered != null) {
          work.leave(entered);
        }
      }
    }

    @Override
    public String toString() {
      return task.toString();
    }
  }
}

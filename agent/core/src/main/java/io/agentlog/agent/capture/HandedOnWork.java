package io.agentlog.agent.capture;

import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Makes the current execution follow the work that its threads hand on: the thread that runs the
 * work works for that execution meanwhile.
 *
 * <pre>
 *  thread of E:  handOn(task) --- [ task: E ] ---> another thread: enterWork(task) .. leaveWork
 * </pre>
 *
 * <p>A map remembers the execution of the object that the JDK makes for the work. That object is
 * neither changed nor wrapped, so that code which searches a queue finds it. Thread-safe. Without a
 * current execution, handing on costs one lookup.
 */
final class HandedOnWork {
  /** Marks that the thread had no execution before. */
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
   * Remembers the execution of a task that the application made. If the same object is queued
   * already, its runs can't be told apart, so the second submission is wrapped.
   */
  Runnable submit(Runnable task) {
    Execution execution = current.get();
    if (isWoven(task)) {
      if (execution != null) {
        work.putIfAbsent(task, execution); // Unless the task was made in one.
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

  /** Makes the work's execution current. Returns what {@link #leave} takes; null if nothing. */
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

  /** Makes a plain task's execution current on a worker; {@link #workerIdle} undoes that. */
  void workerRuns(Object task) {
    if (!isWoven(task)) {
      enter(task, true);
    }
  }

  /** True for the JDK's woven tasks, which report each run and whether it is the last. */
  private static boolean isWoven(Object task) {
    return task instanceof FutureTask || task instanceof ForkJoinTask;
  }

  /** Removes the worker's execution: between two tasks it has none. */
  void workerIdle() {
    current.remove();
  }

  /** Forgets work that was collected without having run. */
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

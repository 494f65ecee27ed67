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
 * <p>A map remembers a link to the execution for the object that is queued. The object is neither
 * changed nor wrapped, so that the application finds it in a queue, compares it and casts it. Work
 * that runs after its execution has ended belongs to no execution. Thread-safe. Without a current
 * execution, handing on costs one lookup.
 */
final class HandedOnWork {
  /** Marks that the thread had no execution before. */
  private static final Object NONE = new Object();

  private final CurrentExecutions current;
  private final WeakIdentityMap<ExecutionLink> work = new WeakIdentityMap<>();

  HandedOnWork(CurrentExecutions current) {
    this.current = current;
  }

  void handOn(Object handedOn) {
    Execution execution = current.running();
    if (execution != null) {
      work.put(handedOn, execution.link());
    }
  }

  /**
   * Remembers the execution of a task that the application made. If the same object was handed on
   * before and has not run since, its runs can't be told apart: unless both are of one execution,
   * they belong to none, then and later.
   */
  void submit(Object task) {
    Execution execution = current.running();
    if (isWoven(task)) {
      if (execution != null) {
        work.putIfAbsent(task, execution.link()); // Unless the task was made in one.
      }
    } else if (execution == null) {
      if (work.get(task) != null) {
        work.put(task, ExecutionLink.SHARED);
      }
    } else if (!work.putIfAbsent(task, execution.link())) {
      ExecutionLink known = work.get(task);
      boolean isSame = known != null && known.refersTo(execution);
      work.put(task, isSame ? new ExecutionLink(execution, true) : ExecutionLink.SHARED);
    }
  }

  void startThread(Thread thread) {
    Execution execution = current.running();
    if (execution != null) {
      current.inherit(thread, execution.link());
    }
  }

  void becomeWorker() {
    current.disinherit();
  }

  /** Makes the work's execution current. Returns what {@link #leave} takes; null if nothing. */
  @Nullable Object enter(Object handedOn, boolean last) {
    ExecutionLink link = work.get(handedOn);
    if (link == null) {
      return null;
    }
    if (last && !link.isRepeated) {
      work.remove(handedOn, link);
    }
    return link == ExecutionLink.SHARED || current.isReading()
        ? null
        : enter(Execution.runningOrOver(link.get()));
  }

  void leave(Object entered) {
    if (entered == NONE) {
      current.remove();
    } else {
      current.set(Execution.runningOrOver((Execution) entered));
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
}

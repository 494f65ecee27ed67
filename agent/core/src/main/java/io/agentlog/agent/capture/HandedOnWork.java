package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.WeakIdentityMap;
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
 * <p>A map remembers a link to the execution for the object that is queued; forked tasks carry the
 * number of their execution in {@link ForkTags} instead. The object is neither changed nor wrapped,
 * so that the application finds it in a queue, compares it and casts it. Work that runs after its
 * execution has ended belongs to no execution. Thread-safe. Without a current execution, handing on
 * costs one lookup.
 */
final class HandedOnWork {
  /** Marks that the thread had no execution before. */
  private static final Object NONE = new Object();

  private final CurrentExecutions current;
  private final ForkTags tags = new ForkTags();
  private final WeakIdentityMap<ExecutionLink> work = new WeakIdentityMap<>();

  HandedOnWork(CurrentExecutions current) {
    this.current = current;
  }

  void handOn(Object handedOn) {
    Execution execution = current.running();
    if (execution == null) {
      return;
    }
    if (handedOn instanceof ForkJoinTask<?> task
        && ForkTags.mayCarry(task)
        && !tags.areUnusable()) {
      fork(task, execution.link());
    } else {
      work.put(handedOn, execution.link());
    }
  }

  private void fork(ForkJoinTask<?> task, ExecutionLink link) {
    if (ForkStatus.tag(task) != 0) {
      return; // Made in an execution, or tagged by the application.
    }
    short tag = tags.tagFor(task, link);
    if (tag == ForkTags.IN_MAP) {
      work.put(task, link);
    }
    ForkStatus.change(task, (short) 0, tag);
  }

  /**
   * Takes note that the application reads or changes the tag of a task: it finds what it has put
   * there itself, and from now on no tag of ours.
   */
  void useTag(ForkJoinTask<?> task) {
    if (!ForkTags.mayCarry(task)) {
      return; // CompletableFuture itself uses this tag.
    }
    tags.leaveToApplication();
    short tag = ForkStatus.tag(task);
    boolean isOurs = tag == ForkTags.IN_MAP ? work.get(task) != null : tags.linkOf(tag) != null;
    if (isOurs) {
      ForkStatus.change(task, tag, (short) 0);
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

  /** Forgets a task or thread that its method refused: it may be run or started elsewhere. */
  void takeBack(Object refused) {
    Execution execution = current.running();
    if (execution == null) {
      return;
    }
    if (refused instanceof Thread thread) {
      current.disinherit(thread);
      return;
    }
    ExecutionLink known = work.get(refused);
    if (!isWoven(refused) && known != null && !known.isRepeated && known.refersTo(execution)) {
      work.remove(refused, known);
    }
  }

  /** A thread that was started before goes on as it is; a second start is refused. */
  void startThread(Thread thread) {
    Execution execution = current.running();
    if (execution != null && thread.getState() == Thread.State.NEW) {
      current.inherit(thread, execution.link());
    }
  }

  void becomeWorker() {
    current.remove(); // A task may have thrown, so that the thread ends.
    current.disinherit();
  }

  /** Makes the work's execution current. Returns what {@link #leave} takes; null if nothing. */
  @Nullable Object enter(Object handedOn, boolean last) {
    if (handedOn instanceof ForkJoinTask<?> task && !tags.areUnusable()) {
      short tag = ForkStatus.tag(task);
      if (ForkTags.isOurs(tag)) {
        return enterFork(task, tag, last);
      }
      if (work.isEmpty() || ForkTags.mayCarry(task)) {
        return null;
      }
    }
    return enterKnown(handedOn, last);
  }

  private @Nullable Object enterFork(ForkJoinTask<?> task, short tag, boolean last) {
    boolean isRepeated = !last && tag == ForkTags.IN_MAP;
    if (!isRepeated) {
      ForkStatus.change(task, tag, (short) 0); // Before the task can see it.
    }
    if (tag == ForkTags.IN_MAP) {
      return enterKnown(task, last);
    }
    ExecutionLink link = tags.linkOf(tag);
    return link == null ? null : enter(link);
  }

  private @Nullable Object enterKnown(Object handedOn, boolean last) {
    ExecutionLink link = work.get(handedOn);
    if (link == null) {
      return null;
    }
    if (last && !link.isRepeated) {
      work.remove(handedOn, link);
    }
    return link == ExecutionLink.SHARED ? null : enter(link);
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

  private @Nullable Object enter(ExecutionLink link) {
    Execution before = current.ofThread();
    Execution execution = Execution.runningOrOver(link.get());
    if (before == execution || before == Execution.READING) {
      return null;
    }
    current.set(execution);
    return before == null ? NONE : before;
  }
}

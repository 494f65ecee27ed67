package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.PackageOpener;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of executions, which forked tasks carry in their tags from the fork to the run.
 *
 * <pre>
 *  tag       0            no execution
 *            -32768 ..    number of the execution's slot
 *            {@value #IN_MAP}       the map of handed-on work has the task
 *            others       the application's
 *  slots     [ link | link | free | ... ]  taken in turn; free once the execution has ended and
 *                                          {@value #KEPT_SECONDS} s have passed since it was taken
 * </pre>
 *
 * <p>A map entry for each task would cost more than most tasks. A tag is gone before its task runs,
 * and an application that uses tags itself gets them all: {@link #leaveToApplication}. Thread-safe.
 */
final class ForkTags {
  static final short IN_MAP = -16_384;
  private static final int SLOT_COUNT = 16_384;
  private static final int SLOT_MASK = SLOT_COUNT - 1;
  private static final int KEPT_SECONDS = 60;
  private static final int TRIES_MAX = 8;
  private static final int NONE = -1;

  private final AtomicReferenceArray<@Nullable ExecutionLink> slots =
      new AtomicReferenceArray<>(SLOT_COUNT);
  private final int[] takenSeconds = new int[SLOT_COUNT];
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean usedByApplication;

  /** Lets {@link ForkStatus} reach the tags. To be called before that class is initialised. */
  static void open(PackageOpener opener) {
    opener.open(ForkJoinTask.class);
  }

  /** True if the task's own number may be changed: not a future's stage, which uses its tag. */
  static boolean mayCarry(ForkJoinTask<?> task) {
    return isForked(task) || !(task instanceof AsynchronousCompletionTask);
  }

  /** False for a task that the JDK makes for what is submitted. */
  private static boolean isForked(ForkJoinTask<?> task) {
    return task instanceof CountedCompleter || task.getClass().getClassLoader() != null;
  }

  /** True if tags carry nothing in this JVM. */
  boolean areUnusable() {
    return usedByApplication || !ForkStatus.isReachable();
  }

  /**
   * Returns the tag of a task that is handed on: {@link #IN_MAP} if it may wait longer than a slot
   * is kept, as tasks do that the JDK makes for what is submitted, or if no slot is free.
   */
  short tagFor(ForkJoinTask<?> task, ExecutionLink link) {
    int slot = isForked(task) ? slotOf(link) : NONE;
    return slot == NONE ? IN_MAP : (short) (Short.MIN_VALUE + slot);
  }

  /** Returns the execution that a tag stands for; null if the tag is the application's. */
  @Nullable ExecutionLink linkOf(short tag) {
    return tag < IN_MAP ? slots.get(tag & SLOT_MASK) : null;
  }

  /** Returns true if the agent has set this tag. */
  static boolean isOurs(short tag) {
    return tag <= IN_MAP;
  }

  /** Leaves the tags to the application from now on. */
  void leaveToApplication() {
    usedByApplication = true;
  }

  private int slotOf(ExecutionLink link) {
    int known = link.slot;
    if (known == 0) {
      known = take(link);
      link.slot = known == NONE ? NONE : known + 1; // 0 is not asked yet.
      return known;
    }
    return known == NONE ? NONE : known - 1;
  }

  private int take(ExecutionLink link) {
    int now = (int) (System.nanoTime() / 1_000_000_000L);
    for (int i = 0; i < TRIES_MAX; i++) {
      int slot = next.getAndIncrement() & SLOT_MASK;
      ExecutionLink before = slots.get(slot);
      boolean isFree =
          before == null || (before.running() == null && now - takenSeconds[slot] > KEPT_SECONDS);
      if (isFree && slots.compareAndSet(slot, before, link)) {
        takenSeconds[slot] = now;
        return slot;
      }
    }
    return NONE;
  }
}

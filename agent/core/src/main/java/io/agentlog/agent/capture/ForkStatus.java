package io.agentlog.agent.capture;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import org.jspecify.annotations.Nullable;

/**
 * Access to the word of a {@link ForkJoinTask} that holds the task's tag, a number for the use of
 * applications, in its lower half. The methods of the tag can't be used, because they report each
 * use to the agent.
 */
final class ForkStatus {
  private static final String FIELD = "status";
  private static final int TAG_MASK = 0xffff;
  private static final short TRIED = 0x1234;

  /** Null if this JDK has no such word. Static and final, so that compiled code is one access. */
  private static final @Nullable VarHandle STATUS = find();

  private ForkStatus() {}

  static boolean isReachable() {
    return STATUS != null;
  }

  static short tag(ForkJoinTask<?> task) {
    return STATUS == null ? 0 : (short) (int) STATUS.getVolatile(task);
  }

  /** Changes the tag. Returns false if it is another one, or if the task is done. */
  static boolean change(ForkJoinTask<?> task, short expected, short tag) {
    while (STATUS != null) {
      int status = (int) STATUS.getVolatile(task);
      if (status < 0 || (short) status != expected) {
        return false;
      }
      if (STATUS.compareAndSet(task, status, (status & ~TAG_MASK) | (tag & TAG_MASK))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable VarHandle find() {
    try {
      VarHandle status =
          MethodHandles.privateLookupIn(ForkJoinTask.class, MethodHandles.lookup())
              .findVarHandle(ForkJoinTask.class, FIELD, int.class);
      return holdsTag(status) ? status : null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static boolean holdsTag(VarHandle status) {
    Tried task = new Tried();
    int before = (int) status.getVolatile(task);
    task.setForkJoinTaskTag(TRIED);
    return before == 0 && (int) status.getVolatile(task) == TRIED;
  }

  private static final class Tried extends RecursiveAction {
    private static final long serialVersionUID = 1;

    @Override
    protected void compute() {}
  }
}

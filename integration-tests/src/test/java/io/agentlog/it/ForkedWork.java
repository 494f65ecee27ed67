package io.agentlog.it;

import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;

/** Tasks that an execution of {@link HandOnApp} forks. */
@SuppressWarnings("FutureReturnValueIgnored") // They are joined.
final class ForkedWork {
  private ForkedWork() {}

  /** Splits itself, and counts by stages. */
  static final class Split extends RecursiveTask<Integer> {
    private static final long serialVersionUID = 1;
    private final transient HandOnApp.Router router;
    private final int size;

    Split(HandOnApp.Router router, int size) {
      this.router = router;
      this.size = size;
    }

    @Override
    protected Integer compute() {
      if (size == 1) {
        return router.stage();
      }
      Split left = new Split(router, size / 2);
      left.fork();
      return new Split(router, size - size / 2).compute() + left.join();
    }
  }

  /** Does nothing, but may wait to do it. */
  static final class Nothing extends RecursiveAction {
    private static final long serialVersionUID = 1;

    @Override
    protected void compute() {}
  }

  /** Uses tags while a task may be queued, and returns the parts of a task that is forked then. */
  static int tagAndJoin(HandOnApp.Router router) {
    Nothing other = new Nothing();
    other.fork();
    short forked = other.isDone() ? 0 : other.getForkJoinTaskTag();
    HandOnApp.check(forked == 0, "no tag of ours");
    HandOnApp.check(other.setForkJoinTaskTag((short) 7) == 0, "still none");
    HandOnApp.check(other.compareAndSetForkJoinTaskTag((short) 7, (short) 8), "its own tag");
    HandOnApp.check(other.getForkJoinTaskTag() == 8, "which stays");
    other.join();
    Split after = new Split(router, 8);
    after.fork();
    return after.join();
  }
}

package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import java.lang.reflect.Method;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.LongAdder;

/** An application with a million virtual threads, for JDKs that have them; see {@link HandOnIT}. */
final class VirtualThreadsApp {
  private static final int EXECUTIONS = 100;
  private static final int THREADS_EACH = 10_000;
  private static final long GROWTH_MAX = 16 << 20;

  private VirtualThreadsApp() {}

  static class Router {
    private final Method start;
    final LongAdder within = new LongAdder();

    Router() throws ReflectiveOperationException { // Compiled for a JDK that has none.
      start = Thread.class.getMethod("startVirtualThread", Runnable.class);
    }

    @AgentExecution("many-virtual")
    void run(String prompt) throws ReflectiveOperationException {
      UUID own = CurrentExecution.executionId().orElseThrow();
      Phaser running = new Phaser(1);
      running.bulkRegister(THREADS_EACH);
      Runnable work =
          () -> {
            if (CurrentExecution.executionId().filter(own::equals).isPresent()) {
              within.increment();
            }
            running.arrive();
          };
      for (int i = 0; i < THREADS_EACH; i++) {
        start.invoke(null, work);
      }
      running.arriveAndAwaitAdvance();
    }

    @AgentExecution("virtual-pool")
    void pool(ExecutorService executor) throws Exception {
      Future<?> stage = executor.submit(this::stage);
      stage.get();
      executor
          .submit(
              () -> {
                ((Thread) start.invoke(null, (Runnable) this::stage)).join();
                return null;
              })
          .get();
    }

    @ProgressStage("on-virtual-thread")
    synchronized void stage() {}
  }

  public static void main(String[] args) throws Exception {
    Router router = new Router();
    long before = 0;
    for (int i = 0; i < EXECUTIONS; i++) {
      router.run("execution " + i);
      if (i == EXECUTIONS / 10) {
        before = usedAfterCollection();
      }
    }
    long growth = usedAfterCollection() - before;
    HandOnApp.check(growth < GROWTH_MAX, "memory is flat, grew by " + growth);
    HandOnApp.check(
        router.within.sum() == (long) EXECUTIONS * THREADS_EACH, "each thread is within its own");
    Method perTask = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
    ExecutorService executor = (ExecutorService) perTask.invoke(null);
    router.pool(executor);
    executor.shutdown();
    System.out.println("done");
    System.in.read();
  }

  private static long usedAfterCollection() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}

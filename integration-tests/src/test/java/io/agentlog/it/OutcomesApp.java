package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An application that hands one task on in every way there is, which succeeds, fails or is
 * cancelled, and returns futures of every kind that end so; see {@link OutcomesIT}. Checks its own
 * side.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class OutcomesApp {
  private OutcomesApp() {}

  /** Gives a task to another thread. */
  interface HandOn {
    Future<Integer> start(Callable<Integer> task) throws Exception;
  }

  /** What an execution does. */
  interface Work {
    Future<Integer> go(Router router) throws Exception;
  }

  /** A future of the application's own class. */
  static final class OwnFuture extends CompletableFuture<Integer> {}

  static class Router {
    @AgentExecution("hands-on")
    Integer run(String prompt, Work work) throws Exception {
      return work.go(this).get();
    }

    @AgentExecution("later")
    CompletionStage<Integer> later(String prompt, CompletionStage<Integer> result) {
      CompletableFuture.runAsync(this::stage).join();
      return result;
    }

    @AgentExecution("later-by-future")
    CompletableFuture<Integer> laterByFuture(String prompt, CompletableFuture<Integer> result) {
      CompletableFuture.runAsync(this::stage).join();
      return result;
    }

    @ProgressStage("elsewhere")
    Integer stage() {
      return 1;
    }
  }

  public static void main(String[] args) throws Exception {
    Router router = new Router();
    Map<String, HandOn> ways = ways();
    for (Map.Entry<String, HandOn> way : ways.entrySet()) {
      handOn(router, way.getKey(), way.getValue());
    }
    for (String kind : List.of("completable", "own-class", "minimal-stage")) {
      resultLater(router, kind);
    }
    System.out.println("done " + ways.size());
    System.in.read();
    System.exit(0); // The executors' threads are not daemons.
  }

  private static Map<String, HandOn> ways() throws ReflectiveOperationException {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
    ForkJoinPool forkJoin = new ForkJoinPool(2);
    Timer timer = new Timer(true);
    Map<String, HandOn> ways = new LinkedHashMap<>();
    ways.put("pool-execute", task -> running(task, pool));
    ways.put("pool-submit", pool::submit);
    ways.put("scheduler", task -> scheduler.schedule(task, 1, TimeUnit.MILLISECONDS));
    ways.put("fork-join", forkJoin::submit);
    ways.put("supply-async", task -> CompletableFuture.supplyAsync(() -> call(task)));
    ways.put("supply-async-pool", task -> CompletableFuture.supplyAsync(() -> call(task), pool));
    ways.put("then-apply-async", task -> done().thenApplyAsync(one -> call(task)));
    ways.put("own-executor", task -> running(task, work -> new Thread(work).start()));
    ways.put("thread", task -> running(task, work -> new Thread(work).start()));
    ways.put("timer", task -> running(task, work -> timer.schedule(timerTask(work), 1)));
    if (Runtime.version().feature() >= 21) {
      ExecutorService virtual =
          (ExecutorService)
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
      ways.put("virtual", virtual::submit);
      ways.put("virtual-thread", task -> running(task, OutcomesApp::startVirtual));
    }
    return ways;
  }

  private static void handOn(Router router, String way, HandOn handOn) throws Exception {
    check(router.run(way + " succeeds", r -> handOn.start(r::stage)) == 1, "the result");
    try {
      router.run(way + " fails", r -> handOn.start(() -> failing(r)));
      throw new AssertionError("did not throw");
    } catch (ExecutionException expected) {
      // A ForkJoinPool makes another one of the same class, which names the first.
      check(expected.getCause().getMessage().endsWith("on purpose"), "its own exception");
    }
    CountDownLatch reported = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    try {
      router.run(
          way + " is cancelled",
          r -> {
            Future<Integer> future = handOn.start(() -> blocking(r, reported, released));
            reported.await();
            future.cancel(false);
            return future;
          });
      throw new AssertionError("did not throw");
    } catch (CancellationException expected) {
      released.countDown();
    }
    // Of no execution, and on the same threads: none of the above may be left there.
    check(handOn.start(router::stage).get() == 1, "the next task");
  }

  private static void resultLater(Router router, String kind) {
    CompletableFuture<Integer> good = source(kind);
    later(router, kind + " succeeds", kind, good);
    good.complete(1);
    CompletableFuture<Integer> bad = source(kind);
    later(router, kind + " fails", kind, bad);
    bad.completeExceptionally(new IllegalStateException("on purpose"));
    CompletableFuture<Integer> cancelled = source(kind);
    later(router, kind + " is cancelled", kind, cancelled);
    cancelled.cancel(false);
    CompletableFuture<Integer> other = source(kind);
    later(router, kind + " on another thread", kind, other);
    new Thread(() -> other.complete(1)).start();
    other.join();
  }

  private static CompletableFuture<Integer> source(String kind) {
    return kind.equals("own-class") ? new OwnFuture() : new CompletableFuture<>();
  }

  private static void later(
      Router router, String prompt, String kind, CompletableFuture<Integer> source) {
    if (kind.equals("minimal-stage")) {
      CompletionStage<Integer> stage = source.minimalCompletionStage();
      check(router.later(prompt, stage) == stage, "the same object");
    } else {
      check(router.laterByFuture(prompt, source) == source, "the same object");
    }
  }

  private static Integer failing(Router router) {
    router.stage();
    throw new IllegalStateException("on purpose");
  }

  private static Integer blocking(Router router, CountDownLatch reported, CountDownLatch released)
      throws InterruptedException {
    router.stage();
    reported.countDown();
    released.await();
    return 1;
  }

  private static Future<Integer> running(Callable<Integer> task, Executor executor) {
    FutureTask<Integer> future = new FutureTask<>(task);
    executor.execute(future);
    return future;
  }

  private static CompletableFuture<Integer> done() {
    return CompletableFuture.completedFuture(0);
  }

  private static Integer call(Callable<Integer> task) {
    try {
      return task.call();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private static TimerTask timerTask(Runnable work) {
    return new TimerTask() {
      @Override
      public void run() {
        work.run();
      }
    };
  }

  private static void startVirtual(Runnable work) {
    try {
      Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("virtual threads, from Java 21 on", e);
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}

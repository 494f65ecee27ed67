package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** An application that hands work to other threads; see {@link HandOnIT}. Checks its own side. */
@SuppressWarnings({"FutureReturnValueIgnored", "ThreadPriorityCheck"})
final class HandOnApp {
  private static final int TASKS = 10_000;

  private HandOnApp() {}

  /** Something that an execution does with other threads. */
  interface Work {
    void go(Router router) throws Exception;
  }

  static class Router {
    @AgentExecution("hands-on")
    void run(String prompt, Work work) throws Exception {
      work.go(this);
    }

    @ProgressStage("elsewhere")
    int stage() {
      return 1;
    }

    @AgentExecution("nested")
    Optional<UUID> nested(String prompt) {
      return CurrentExecution.executionId();
    }
  }

  /** Splits itself, and counts by stages. */
  static final class Split extends RecursiveTask<Integer> {
    private static final long serialVersionUID = 1;
    private final transient Router router;
    private final int size;

    Split(Router router, int size) {
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

  public static void main(String[] args) throws Exception {
    Router router = new Router();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
    ForkJoinPool forkJoin = new ForkJoinPool(2);
    Timer timer = new Timer(true);

    router.run("execute", r -> await(done -> pool.execute(() -> stageThen(r, done))));
    router.run("submit", r -> pool.submit(r::stage).get());
    router.run("invoke-all", r -> pool.invokeAll(List.of(r::stage, r::stage)));
    router.run("invoke-any", r -> pool.invokeAny(List.<Callable<Integer>>of(r::stage)));
    router.run("schedule", r -> scheduler.schedule(r::stage, 1, TimeUnit.MILLISECONDS).get());
    router.run("fixed-rate", r -> threeTimes(r, scheduler));
    router.run("fork-join", r -> forkJoin.submit(() -> r.stage()).get());
    router.run("fork", r -> check(forkJoin.invoke(new Split(r, 8)) == 8, "all parts"));
    router.run(
        "parallel-stream",
        r -> check(IntStream.range(0, 64).parallel().map(i -> r.stage()).sum() == 64, "all"));
    router.run("supply-async", r -> CompletableFuture.supplyAsync(r::stage).get());
    router.run("run-async-pool", r -> CompletableFuture.runAsync(r::stage, pool).get());
    Executor ownThreads = task -> new Thread(task).start();
    router.run(
        "own-executor",
        r ->
            CompletableFuture.supplyAsync(r::stage, ownThreads)
                .thenApplyAsync(one -> r.stage(), ownThreads)
                .get());
    CompletableFuture<Integer> source = new CompletableFuture<>();
    CompletableFuture<?>[] stages = new CompletableFuture<?>[1];
    router.run(
        "then-on-completing-thread",
        r ->
            stages[0] =
                CompletableFuture.allOf(
                    source.thenApply(one -> r.stage()),
                    source.thenApplyAsync(one -> r.stage(), pool),
                    source.handle((one, thrown) -> r.stage()),
                    source.thenCombine(
                        new CompletableFuture<>().completeAsync(() -> 1), (a, b) -> r.stage())));
    // The execution has ended: what still comes is not part of it.
    router.run("completes", r -> onThread(() -> source.complete(1)));
    stages[0].get();
    CompletableFuture<Integer> within = new CompletableFuture<>();
    router.run(
        "then-within",
        r -> {
          CompletableFuture<Integer> then = within.thenApply(one -> r.stage());
          onPlainThread(() -> within.complete(1));
          then.get();
        });
    router.run(
        "timer",
        r ->
            await(
                done ->
                    timer.schedule(
                        new TimerTask() {
                          @Override
                          public void run() {
                            stageThen(r, done);
                          }
                        },
                        1)));
    router.run("thread", r -> onThread(r::stage));
    router.run("thread-in-thread", r -> onThread(() -> onThread(r::stage)));
    router.run(
        "throws",
        r -> {
          try {
            pool.submit(
                    () -> {
                      r.stage();
                      throw new IllegalStateException("of the task");
                    })
                .get();
            throw new AssertionError("did not throw");
          } catch (java.util.concurrent.ExecutionException expected) {
            check(expected.getCause().getMessage().equals("of the task"), "its own exception");
          }
        });
    router.run("parent", r -> pool.submit(() -> r.nested("child")).get());

    queuesAreTheApplications(router);
    sameTaskFromTwo(router);
    noThreadKeepsAnything(router, pool, scheduler, forkJoin);
    System.out.println("done");
    System.in.read();
    pool.shutdown();
    scheduler.shutdown();
  }

  /** What is queued is what was given: it can be found, removed and told by its class. */
  private static void queuesAreTheApplications(Router router) throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    ThreadPoolExecutor single =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    router.run(
        "queues",
        r -> {
          single.execute(() -> awaitLatch(busy));
          Runnable lambda = r::stage;
          Runnable named = new FutureTask<>(r::stage);
          single.execute(lambda);
          single.execute(named);
          check(single.getQueue().contains(lambda), "the lambda is in the queue");
          check(single.getQueue().stream().anyMatch(FutureTask.class::isInstance), "its class");
          check(single.getQueue().remove(lambda), "it can be removed from the queue");
          check(single.remove(named), "it can be removed by the executor");
          single.submit(r::stage).cancel(false);
          single.purge();
          check(single.getQueue().isEmpty(), "cancelled ones can be purged");
          busy.countDown();
        });
    single.shutdown();
    check(single.awaitTermination(30, TimeUnit.SECONDS), "it ends");
  }

  /** One and the same object, queued by two executions and by none. */
  private static void sameTaskFromTwo(Router router) throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    List<Optional<UUID>> seen = new ArrayList<>();
    List<Optional<UUID>> expected = new ArrayList<>();
    ThreadPoolExecutor single =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    single.execute(() -> awaitLatch(busy));
    Runnable same = () -> seen.add(CurrentExecution.executionId());
    for (String prompt : List.of("same-1", "same-2")) {
      router.run(
          prompt,
          r -> {
            expected.add(CurrentExecution.executionId());
            single.execute(same);
          });
    }
    single.execute(same);
    expected.add(Optional.empty());
    busy.countDown();
    single.shutdown();
    check(single.awaitTermination(30, TimeUnit.SECONDS), "it ends");
    check(seen.equals(expected), "each run has its own: " + seen + " " + expected);
  }

  private static void noThreadKeepsAnything(
      Router router,
      ThreadPoolExecutor pool,
      ScheduledExecutorService scheduler,
      ForkJoinPool forkJoin)
      throws Exception {
    router.run(
        "many",
        r -> {
          List<Callable<Integer>> tasks = new ArrayList<>();
          for (int i = 0; i < TASKS; i++) {
            tasks.add(() -> 1);
          }
          pool.invokeAll(tasks);
        });
    for (int i = 0; i < 100; i++) {
      for (ExecutorService each : List.of(pool, scheduler, forkJoin, ForkJoinPool.commonPool())) {
        check(each.submit(CurrentExecution::executionId).get().isEmpty(), "left on a thread");
      }
    }
  }

  private static void threeTimes(Router router, ScheduledExecutorService scheduler)
      throws Exception {
    CountDownLatch runs = new CountDownLatch(3);
    ScheduledFuture<?> periodic =
        scheduler.scheduleAtFixedRate(
            () -> {
              if (runs.getCount() > 0) {
                stageThen(router, runs);
              }
            },
            0,
            1,
            TimeUnit.MILLISECONDS);
    awaitLatch(runs);
    periodic.cancel(false);
  }

  private static void stageThen(Router router, CountDownLatch done) {
    router.stage();
    done.countDown();
  }

  private interface Handing {
    void on(CountDownLatch done);
  }

  private static void await(Handing handing) {
    CountDownLatch done = new CountDownLatch(1);
    handing.on(done);
    awaitLatch(done);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      check(latch.await(30, TimeUnit.SECONDS), "it comes");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void onThread(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    join(thread);
  }

  /** On a thread that was started before any execution. */
  private static void onPlainThread(Runnable work) {
    PLAIN.execute(work);
  }

  private static final ExecutorService PLAIN = plain();

  private static ExecutorService plain() {
    ExecutorService executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task);
              thread.setDaemon(true);
              return thread;
            });
    executor.execute(() -> {});
    return executor;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}

package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

  /** What a scenario does with the router, or an execution with its threads. */
  interface Run {
    void go(Router router, Threads threads) throws Exception;
  }

  /**
   * Executions that hand work on.
   *
   * @param stages how many each execution has, by its prompt
   */
  record Scenario(Map<String, Integer> stages, Run run) {
    /** A scenario of one execution. */
    Scenario(String name, int stages, Run run) {
      this(
          Map.of(name, stages),
          (router, threads) -> router.run(name, itself -> run.go(itself, threads)));
    }
  }

  /** Threads that outlive each execution. */
  record Threads(
      ThreadPoolExecutor pool,
      ScheduledExecutorService scheduler,
      ForkJoinPool forkJoin,
      Timer timer,
      ExecutorService plain) {}

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

  public static void main(String[] args) throws Exception {
    ThreadPoolExecutor plain = pool(1);
    plain.prestartAllCoreThreads(); // A thread that comes from no execution.
    Threads threads =
        new Threads(
            pool(2),
            Executors.newScheduledThreadPool(1),
            new ForkJoinPool(2),
            new Timer(true),
            plain);
    await(done -> threads.timer().schedule(timerTask(done::countDown), 0));
    awaitParked(); // At work before the first class with annotations is loaded.
    Router router = new Router();
    for (Scenario scenario : scenarios()) {
      scenario.run().go(router, threads);
    }
    System.out.println("done");
    System.in.read();
    threads.pool().shutdown();
    threads.scheduler().shutdown();
    plain.shutdown();
  }

  /** The stages that each execution has to have, by its prompt. */
  static Map<String, Integer> expectedStages() {
    Map<String, Integer> expected = new LinkedHashMap<>();
    scenarios().forEach(scenario -> expected.putAll(scenario.stages()));
    return expected;
  }

  private static List<Scenario> scenarios() {
    List<Scenario> all = new ArrayList<>();
    all.addAll(ofExecutors());
    all.addAll(ofForkJoinPools());
    all.addAll(ofFutures());
    all.addAll(ofThreads());
    all.add(queuesAreTheApplications());
    all.add(sameTaskFromTwo());
    all.add(tagsAreTheApplications()); // After all that fork: from here on, they carry nothing.
    all.add(noThreadKeepsAnything()); // The last: of all that were before it.
    return all;
  }

  private static List<Scenario> ofExecutors() {
    return List.of(
        new Scenario("older-pool", 2, (r, on) -> twice(r, on.plain())),
        new Scenario(
            "execute", 1, (r, on) -> await(done -> on.pool().execute(() -> stageThen(r, done)))),
        new Scenario("submit", 1, (r, on) -> on.pool().submit(r::stage).get()),
        new Scenario("invoke-all", 2, (r, on) -> on.pool().invokeAll(List.of(r::stage, r::stage))),
        new Scenario(
            "invoke-any", 1, (r, on) -> on.pool().invokeAny(List.<Callable<Integer>>of(r::stage))),
        new Scenario(
            "schedule",
            1,
            (r, on) -> on.scheduler().schedule(r::stage, 1, TimeUnit.MILLISECONDS).get()),
        new Scenario("fixed-rate", 3, (r, on) -> threeTimes(r, on.scheduler())),
        new Scenario("throws", 1, (r, on) -> throwInTask(r, on.pool())),
        new Scenario("parent", 0, (r, on) -> on.pool().submit(() -> r.nested("child")).get()));
  }

  private static List<Scenario> ofForkJoinPools() {
    return List.of(
        new Scenario("fork-join", 1, (r, on) -> on.forkJoin().submit(() -> r.stage()).get()),
        new Scenario(
            "fork",
            8,
            (r, on) -> check(on.forkJoin().invoke(new ForkedWork.Split(r, 8)) == 8, "all parts")),
        new Scenario(
            "parallel-stream",
            64,
            (r, on) ->
                check(IntStream.range(0, 64).parallel().map(i -> r.stage()).sum() == 64, "all")));
  }

  private static List<Scenario> ofFutures() {
    Executor ownThreads = task -> new Thread(task).start();
    return List.of(
        new Scenario("supply-async", 1, (r, on) -> CompletableFuture.supplyAsync(r::stage).get()),
        new Scenario(
            "run-async-pool", 1, (r, on) -> CompletableFuture.runAsync(r::stage, on.pool()).get()),
        new Scenario(
            "own-executor",
            2,
            (r, on) ->
                CompletableFuture.supplyAsync(r::stage, ownThreads)
                    .thenApplyAsync(one -> r.stage(), ownThreads)
                    .get()),
        completedAfterTheEnd(),
        new Scenario("then-within", 1, (r, on) -> completeWithin(r, on.plain())));
  }

  private static List<Scenario> ofThreads() {
    return List.of(
        new Scenario(
            "timer",
            1,
            (r, on) -> await(done -> on.timer().schedule(timerTask(() -> stageThen(r, done)), 1))),
        new Scenario("thread", 1, (r, on) -> onThread(r::stage)),
        new Scenario("thread-in-thread", 1, (r, on) -> onThread(() -> onThread(r::stage))));
  }

  /** The execution has ended: what still comes is not part of it. */
  private static Scenario completedAfterTheEnd() {
    return new Scenario(
        Map.of("then-on-completing-thread", 0, "completes", 0),
        (router, threads) -> {
          CompletableFuture<Integer> source = new CompletableFuture<>();
          CompletableFuture<?>[] stages = new CompletableFuture<?>[1];
          router.run(
              "then-on-completing-thread",
              r ->
                  stages[0] =
                      CompletableFuture.allOf(
                          source.thenApply(one -> r.stage()),
                          source.thenApplyAsync(one -> r.stage(), threads.pool()),
                          source.handle((one, thrown) -> r.stage()),
                          source.thenCombine(
                              new CompletableFuture<>().completeAsync(() -> 1),
                              (a, b) -> r.stage())));
          router.run("completes", r -> onThread(() -> source.complete(1)));
          stages[0].get();
        });
  }

  /** What is queued is what was given: it can be found, removed and told by its class. */
  private static Scenario queuesAreTheApplications() {
    return new Scenario(
        Map.of("queues", 0),
        (router, threads) -> {
          ThreadPoolExecutor single = pool(1);
          router.run("queues", r -> queueAndRemove(r, single));
          shutdown(single);
        });
  }

  /** One and the same object, queued by two executions and by none: no run can be told. */
  private static Scenario sameTaskFromTwo() {
    return new Scenario(
        Map.of("same-1", 0, "same-2", 0, "same-3", 0),
        (router, threads) -> {
          CountDownLatch busy = new CountDownLatch(1);
          List<Optional<UUID>> seen = new ArrayList<>();
          ThreadPoolExecutor single = pool(1);
          single.execute(() -> awaitLatch(busy));
          Runnable same = () -> seen.add(CurrentExecution.executionId());
          for (String prompt : List.of("same-1", "same-2")) {
            router.run(prompt, r -> single.execute(same));
          }
          single.execute(same);
          router.run("same-3", r -> single.execute(same));
          check(single.getQueue().stream().allMatch(same::equals), "no wrapper is queued");
          busy.countDown();
          shutdown(single);
          check(seen.equals(Collections.nCopies(4, Optional.empty())), "none has one: " + seen);
        });
  }

  private static Scenario noThreadKeepsAnything() {
    return new Scenario(
        Map.of("many", 0),
        (router, threads) -> {
          ThreadPoolExecutor pool = threads.pool();
          Callable<Integer> task = () -> 1;
          router.run("many", r -> pool.invokeAll(Collections.nCopies(TASKS, task)));
          List<ExecutorService> all =
              List.of(pool, threads.scheduler(), threads.forkJoin(), ForkJoinPool.commonPool());
          for (int i = 0; i < 100; i++) {
            for (ExecutorService each : all) {
              check(each.submit(CurrentExecution::executionId).get().isEmpty(), "left on a thread");
            }
          }
        });
  }

  /** A forked task carries its execution in its tag, unless the application uses tags. */
  private static Scenario tagsAreTheApplications() {
    return new Scenario(
        "tags",
        16,
        (r, on) -> {
          Callable<Integer> tagging = () -> ForkedWork.tagAndJoin(r);
          check(on.forkJoin().submit(tagging).get() == 8, "all parts of tagged tasks");
          check(on.forkJoin().invoke(new ForkedWork.Split(r, 8)) == 8, "all parts of later ones");
        });
  }

  private static void queueAndRemove(Router router, ThreadPoolExecutor single) {
    CountDownLatch busy = new CountDownLatch(1);
    single.execute(() -> awaitLatch(busy));
    Runnable lambda = router::stage;
    Runnable named = new FutureTask<>(router::stage);
    single.execute(lambda);
    single.execute(named);
    check(single.getQueue().contains(lambda), "the lambda is in the queue");
    check(single.getQueue().stream().anyMatch(FutureTask.class::isInstance), "its class");
    check(single.getQueue().remove(lambda), "it can be removed from the queue");
    check(single.remove(named), "it can be removed by the executor");
    single.submit(router::stage).cancel(false);
    single.purge();
    check(single.getQueue().isEmpty(), "cancelled ones can be purged");
    busy.countDown();
  }

  private static void twice(Router router, ExecutorService pool) {
    await(done -> pool.execute(() -> stageThen(router, done)));
    await(done -> pool.execute(() -> stageThen(router, done)));
  }

  private static void throwInTask(Router router, ThreadPoolExecutor pool) throws Exception {
    Callable<Integer> task =
        () -> {
          router.stage();
          throw new IllegalStateException("of the task");
        };
    try {
      pool.submit(task).get();
      throw new AssertionError("did not throw");
    } catch (ExecutionException expected) {
      check(expected.getCause().getMessage().equals("of the task"), "its own exception");
    }
  }

  private static void completeWithin(Router router, ExecutorService plain) throws Exception {
    CompletableFuture<Integer> within = new CompletableFuture<>();
    CompletableFuture<Integer> then = within.thenApply(one -> router.stage());
    plain.execute(() -> within.complete(1));
    then.get();
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

  private static void await(Consumer<CountDownLatch> handing) {
    CountDownLatch done = new CountDownLatch(1);
    handing.accept(done);
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
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitParked() {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      boolean isOurs = thread.getName().matches("pool-1-thread-1|Timer-0");
      while (isOurs && thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
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

  private static ThreadPoolExecutor pool(int threads) {
    return new ThreadPoolExecutor(
        threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
  }

  private static void shutdown(ExecutorService executor) throws InterruptedException {
    executor.shutdown();
    check(executor.awaitTermination(30, TimeUnit.SECONDS), "it ends");
  }

  static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}

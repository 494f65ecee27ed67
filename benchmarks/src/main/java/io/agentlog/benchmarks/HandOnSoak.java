package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Question: does a JVM that hands work on for an hour, in every way that leaves something behind,
 * keep more of it with the agent than without?
 *
 * <p>Method: executions come at a fixed rate. Each hands on one task, which schedules itself again,
 * is periodic, is cancelled, is refused, lies in the queue of a pool that is shut down, or waits
 * for a future that a class holds and that is never completed. Each minute the classes of an
 * application are loaded by a loader of their own, run once, and are dropped; then the heap and the
 * metaspace are measured after a full collection. Run it without the agent and with it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for what is left behind.
public final class HandOnSoak {
  private static final long RETRIES_MAX = 20;
  private static final int MINUTES_DEFAULT = 60;
  private static final int RATE_DEFAULT = 50;
  private static final int SHAPES = 6;

  private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(2);

  /** Its one thread is held, so that it refuses what it is given. */
  private final ThreadPoolExecutor full =
      new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>());

  private final CountDownLatch end = new CountDownLatch(1);
  private CompletableFuture<String> open = new CompletableFuture<>();

  /** A task that holds a prompt. */
  private record Work(String prompt) implements Runnable {
    @Override
    public void run() {
      if (prompt.isEmpty()) {
        throw new IllegalStateException("no prompt");
      }
    }
  }

  private HandOnSoak() {
    scheduler.setRemoveOnCancelPolicy(true);
    full.execute(this::waitForTheEnd);
  }

  /**
   * Prints a line a minute.
   *
   * @param arguments minutes, and executions a second; {@value #MINUTES_DEFAULT} and {@value
   *     #RATE_DEFAULT} without
   */
  @SuppressWarnings("SystemOut") // Printing is its purpose.
  public static void main(String[] arguments) throws Exception {
    int minutes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : MINUTES_DEFAULT;
    int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : RATE_DEFAULT;
    HandOnSoak soak = new HandOnSoak();
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    int count = 0;
    for (int minute = 1; minute <= minutes; minute++) {
      long begin = System.nanoTime();
      for (int i = 0; i < 60 * rate; i++) {
        LockSupport.parkNanos(begin + TimeUnit.SECONDS.toNanos(i) / rate - System.nanoTime());
        soak.handOn(count++ % SHAPES);
      }
      soak.open =
          new CompletableFuture<>(); // An application that keeps it keeps what waits for it.
      loaders.add(deploy());
      System.gc();
      System.gc();
      System.out.printf(
          Locale.ROOT,
          "minute %3d  executions %,9d  heap %,7d KiB  metaspace %,7d KiB  classes %,6d  loaders %d of %d%n",
          minute,
          count,
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 10,
          metaspace() >> 10,
          ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
          loaders.stream().filter(loader -> loader.get() != null).count(),
          loaders.size());
    }
    soak.end.countDown();
    soak.full.shutdown();
    soak.scheduler.shutdownNow();
  }

  private void handOn(int shape) throws InterruptedException {
    String prompt = Prompts.of(1_024);
    switch (shape) {
      case 0 -> scheduleItself(prompt);
      case 1 -> periodic(prompt);
      case 2 -> cancelled(prompt);
      case 3 -> refused(prompt);
      case 4 -> shutDown(prompt);
      default -> awaitsForEver(prompt);
    }
  }

  @AgentExecution("self-scheduling")
  void scheduleItself(String prompt) {
    again(prompt, RETRIES_MAX);
  }

  private void again(String prompt, long left) {
    if (left > 0) {
      scheduler.schedule(() -> again(prompt, left - 1), 100, TimeUnit.MILLISECONDS);
    }
  }

  @AgentExecution("periodic")
  void periodic(String prompt) {
    ScheduledFuture<?> task =
        scheduler.scheduleAtFixedRate(new Work(prompt), 0, 100, TimeUnit.MILLISECONDS);
    scheduler.schedule(() -> task.cancel(false), 2, TimeUnit.SECONDS);
  }

  @AgentExecution("cancelled")
  void cancelled(String prompt) {
    scheduler.schedule(new Work(prompt), 1, TimeUnit.HOURS).cancel(false);
  }

  @AgentExecution("refused")
  void refused(String prompt) {
    try {
      full.execute(new Work(prompt));
    } catch (RejectedExecutionException e) {
      // As it is to be.
    }
  }

  @AgentExecution("shut-down")
  void shutDown(String prompt) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    ExecutorService pool =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    pool.execute(
        () -> {
          try {
            held.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    pool.execute(new Work(prompt));
    pool.shutdownNow();
    pool.awaitTermination(1, TimeUnit.MINUTES);
  }

  @AgentExecution("awaits-for-ever")
  void awaitsForEver(String prompt) {
    open.thenRun(new Work(prompt));
  }

  private void waitForTheEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is deployed each minute. */
  public static final class Deployed implements Runnable {
    private static final CompletableFuture<String> OPEN = new CompletableFuture<>();

    @Override
    public void run() {
      ExecutorService pool = Executors.newFixedThreadPool(1);
      handle("deployed", pool);
      pool.shutdown();
      try {
        pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @AgentExecution("deployed")
    void handle(String prompt, ExecutorService pool) {
      OPEN.thenRun(new Work(prompt));
      pool.execute(new Work(prompt));
    }
  }

  private static WeakReference<ClassLoader> deploy()
      throws IOException, ReflectiveOperationException {
    URL code = HandOnSoak.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {code}, ClassLoader.getPlatformClassLoader())) {
      Runnable application =
          (Runnable)
              loader.loadClass(Deployed.class.getName()).getDeclaredConstructor().newInstance();
      application.run();
      return new WeakReference<>(loader);
    }
  }

  private static long metaspace() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Metaspace"))
        .map(MemoryPoolMXBean::getUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}

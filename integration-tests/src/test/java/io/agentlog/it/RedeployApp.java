package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A server that deploys the same application again and again, each time in a class loader of its
 * own, and says when none of them is left; see {@link RedeployIT}.
 */
final class RedeployApp {
  static final int DEPLOYMENTS = 50;

  /**
   * Of one deployment: two, one that leaves tasks, one that ends later, and one that never ends.
   */
  static final int EXECUTIONS = 5;

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private RedeployApp() {}

  record Request(@Prompt String text, Object tag) {}

  /** The application that is deployed. */
  @SuppressWarnings("FutureReturnValueIgnored") // It is looked at by the agent.
  public static final class Deployed implements Runnable {
    @AgentExecution(value = "deployed", metadata = "tag=request.tag")
    String handle(Request request) throws ExecutionException, InterruptedException {
      CurrentExecution.metadata("loader", getClass().getClassLoader().getClass());
      ExecutorService pool = Executors.newFixedThreadPool(1);
      try {
        return pool.submit(() -> stage(request.text())).get();
      } finally {
        pool.shutdown();
        pool.awaitTermination(1, TimeUnit.MINUTES);
      }
    }

    /** A lambda without captures: one object for the life of the class. */
    private static final Runnable TASK = System::nanoTime;

    private static final CompletableFuture<String> OPEN = new CompletableFuture<>();

    /** Leaves work behind that never runs: a stage, a refused task, and a queued one. */
    @AgentExecution("deployed-leaves")
    void leave(Request request) throws InterruptedException {
      OPEN.thenAccept(never -> TASK.run());
      CountDownLatch begun = new CountDownLatch(1);
      ExecutorService pool = Executors.newFixedThreadPool(1);
      pool.execute(() -> waitForInterrupt(begun));
      begun.await();
      pool.execute(TASK);
      pool.shutdownNow();
      try {
        pool.execute(TASK);
      } catch (RejectedExecutionException expected) {
        pool.awaitTermination(1, TimeUnit.MINUTES);
      }
    }

    private static void waitForInterrupt(CountDownLatch begun) {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @AgentExecution("deployed-later")
    CompletableFuture<Request> later(Request request, CompletableFuture<Request> result) {
      return result;
    }

    @ProgressStage("work")
    String stage(String text) {
      return text;
    }

    @Override
    public void run() {
      try {
        handle(new Request("first", new Object()));
        handle(new Request("second", this));
        leave(new Request("third", this));
      } catch (ExecutionException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
      CompletableFuture<Request> result = new CompletableFuture<>();
      later(new Request("fourth", "x"), result);
      result.complete(new Request("result", "y"));
      later(new Request("never", "x"), new CompletableFuture<>());
    }
  }

  public static void main(String[] args) throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < DEPLOYMENTS; i++) {
      loaders.add(deploy());
    }
    System.out.println("deployed " + DEPLOYMENTS);
    long begin = System.nanoTime();
    long left = DEPLOYMENTS;
    while (left > 0 && System.nanoTime() - begin < WAIT_NANOS) {
      System.gc();
      left = loaders.stream().filter(loader -> loader.get() != null).count();
    }
    System.out.println("left " + left);
    System.in.read();
  }

  private static WeakReference<ClassLoader> deploy()
      throws ReflectiveOperationException, IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      ((Runnable) loader.loadClass(Deployed.class.getName()).getDeclaredConstructor().newInstance())
          .run();
      return new WeakReference<>(loader);
    }
  }
}

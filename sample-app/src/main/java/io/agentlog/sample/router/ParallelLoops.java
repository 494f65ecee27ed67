package io.agentlog.sample.router;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Several loops, each on a thread of its own, until all have ended. If one fails, the others end
 * after their current requests. Any thread may call {@link #stop()}.
 */
final class ParallelLoops implements ServiceLoop {
  private final List<ServiceLoop> loops;

  ParallelLoops(List<? extends ServiceLoop> loops) {
    this.loops = List.copyOf(loops);
  }

  @Override
  public void run() throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(loops.size());
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (ServiceLoop loop : loops) {
        running.add(
            CompletableFuture.runAsync(() -> run(loop), threads)
                .whenComplete(
                    (nothing, failure) -> {
                      if (failure != null) {
                        stop();
                      }
                    }));
      }
      CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } finally {
      threads.shutdown();
    }
  }

  private static void run(ServiceLoop loop) {
    try {
      loop.run();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  @Override
  public void stop() {
    loops.forEach(ServiceLoop::stop);
  }

  @Override
  public boolean mayBeLeft() {
    return loops.stream().allMatch(ServiceLoop::mayBeLeft);
  }
}

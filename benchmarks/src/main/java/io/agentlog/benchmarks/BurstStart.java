package io.agentlog.benchmarks;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Lets all threads begin a burst at once, after a pause that one of them makes. Thread-safe.
 *
 * <p>If each thread paused by itself, bursts of a few milliseconds would hardly ever overlap.
 */
@State(Scope.Benchmark)
public class BurstStart {
  private static final long PAUSE_SECONDS_MAX = 60;

  private final AtomicLong ready = new AtomicLong();
  private CyclicBarrier barrier = new CyclicBarrier(1);

  @Setup
  public void prepare(BenchmarkParams benchmark) {
    barrier = new CyclicBarrier(benchmark.getThreads());
  }

  /**
   * Returns when all threads have called this method and the pause is over.
   *
   * @param pause run by one of them
   */
  @SuppressWarnings("ThreadPriorityCheck") // There may be more threads than cores.
  void await(Runnable pause) {
    try {
      if (barrier.await(PAUSE_SECONDS_MAX, TimeUnit.SECONDS) == 0) {
        pause.run();
      }
      barrier.await(PAUSE_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted between two bursts", e);
    } catch (BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("another thread did not reach the next burst", e);
    }
    // The barrier wakes threads one after the other; here they wait for each other again.
    int threads = barrier.getParties();
    long mine = ready.incrementAndGet();
    long all = (mine + threads - 1) / threads * threads;
    while (ready.get() < all) {
      Thread.yield();
    }
  }
}

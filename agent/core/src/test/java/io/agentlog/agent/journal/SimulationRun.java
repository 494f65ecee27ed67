package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs schedules on several threads until one fails or time is up. */
@SuppressWarnings("EnumOrdinal") // A simulation: its errors are markers, its enums index counters.
final class SimulationRun {
  private static final int CHUNK = 64;

  private final long firstSeed;
  private final long count;
  private final long deadlineNanos;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final long[] hits = new long[CrashPoint.COUNT];
  private long failedSeed;
  private Throwable failure;

  private SimulationRun(long firstSeed, long count, long nanosMax) {
    this.firstSeed = firstSeed;
    this.count = count;
    this.deadlineNanos = System.nanoTime() + nanosMax;
  }

  /** Returns when all is done. Never throws what a schedule threw. */
  static SimulationRun of(long firstSeed, long count, int threadCount, long nanosMax)
      throws InterruptedException {
    SimulationRun run = new SimulationRun(firstSeed, count, nanosMax);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      Thread thread = new Thread(run::work, "simulation-" + i);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return run;
  }

  /**
   * One thread's worth, for a simulation that was loaded with other classes of the journal.
   *
   * @return the seed and what was found, null if nothing was
   */
  static Map.@Nullable Entry<Long, String> findIn(long firstSeed, long count, long nanosMax) {
    SimulationRun run = new SimulationRun(firstSeed, count, nanosMax);
    run.work();
    return run.failure == null ? null : Map.entry(run.failedSeed, String.valueOf(run.failure));
  }

  /** Schedules that ended. */
  long doneCount() {
    return done.get();
  }

  /** Crashes at a point. */
  synchronized long hits(CrashPoint point) {
    return hits[point.ordinal()];
  }

  /** What the first schedule that failed threw; null if none did. */
  synchronized Throwable failure() {
    return failure;
  }

  synchronized long failedSeed() {
    return failedSeed;
  }

  private void work() {
    long[] own = new long[CrashPoint.COUNT];
    JournalSimulation simulation = new JournalSimulation(own, false);
    for (long at = next.getAndAdd(CHUNK); at < count; at = next.getAndAdd(CHUNK)) {
      if (failure() != null || System.nanoTime() - deadlineNanos > 0) {
        break;
      }
      for (long i = at; i < Math.min(count, at + CHUNK); i++) {
        try {
          simulation.run(firstSeed + i);
        } catch (Throwable t) { // Whatever it is, the seed is what matters.
          failed(firstSeed + i, t);
          return;
        }
        done.incrementAndGet();
      }
    }
    synchronized (this) {
      for (int i = 0; i < own.length; i++) {
        hits[i] += own[i];
      }
    }
  }

  private synchronized void failed(long seed, Throwable thrown) {
    if (failure == null) {
      failedSeed = seed;
      failure = thrown;
    }
  }
}

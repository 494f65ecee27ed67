package io.agentlog.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Starts virtual threads, for which this is compiled too early, and counts what they allocate. The
 * JVM counts no virtual thread by itself, so the threads that carry them are asked. Not
 * thread-safe.
 */
@State(Scope.Thread)
public class VirtualThreads {
  /** The first Java that has them. */
  static final int FEATURE_VERSION_MIN = 21;

  private static final String CARRIER_NAME = "ForkJoinPool-1-worker-";

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * Runs the task so many times, each time on a fresh virtual thread, one after the other.
   *
   * @param task takes the number of the time, from 0
   * @param allocated takes the bytes that all of them allocated, the making of a thread not among
   *     them
   */
  void run(int times, IntConsumer task, LongConsumer allocated) {
    runOne(() -> {}); // So that there is a carrier.
    long[] carriers = carriers();
    long before = bytes(carriers);
    for (int i = 0; i < times; i++) {
      int number = i;
      runOne(() -> task.accept(number));
    }
    allocated.accept(bytes(carriers) - before);
    if (carriers().length != carriers.length) {
      throw new IllegalStateException("a carrier came or went: its bytes are not counted");
    }
  }

  private static void runOne(Runnable task) {
    try {
      ((Thread) Start.HANDLE.invokeExact(task)).join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a virtual thread ran", e);
    } catch (Throwable e) { // As a method handle declares.
      throw new IllegalStateException("no virtual thread", e);
    }
  }

  private long bytes(long[] threadIds) {
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threadIds)) {
      sum += bytes;
    }
    return sum;
  }

  @SuppressWarnings("deprecation") // Thread.threadId() is younger than what this is compiled for.
  private static long[] carriers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(CARRIER_NAME))
        .mapToLong(Thread::getId)
        .toArray();
  }

  /** Linked when the first one is started. */
  private static final class Start {
    static final MethodHandle HANDLE = find();

    private static MethodHandle find() {
      try {
        return MethodHandles.publicLookup()
            .findStatic(
                Thread.class,
                "startVirtualThread",
                MethodType.methodType(Thread.class, Runnable.class));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this Java has no virtual threads", e);
      }
    }
  }
}

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
 * Starts virtual threads by a method handle, as this code is compiled for an older Java, and counts
 * the bytes that they allocate. The JVM counts these bytes only for carrier threads. Not
 * thread-safe.
 */
@State(Scope.Thread)
public class VirtualThreads {
  /** The first Java that has them. */
  static final int FEATURE_VERSION_MIN = 21;

  private static final String CARRIER_NAME = "ForkJoinPool-1-worker-";

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * Runs the task {@code times} times in turn, each time on a fresh virtual thread.
   *
   * @param task receives the index of the run, from 0
   * @param allocated receives the bytes that all runs allocated, without the making of threads
   */
  void run(int times, IntConsumer task, LongConsumer allocated) {
    runOne(() -> {}); // Starts a carrier thread.
    long[] carriers = carriers();
    long before = bytes(carriers);
    for (int i = 0; i < times; i++) {
      int number = i;
      runOne(() -> task.accept(number));
    }
    allocated.accept(bytes(carriers) - before);
    if (carriers().length != carriers.length) {
      throw new IllegalStateException(
          "a carrier thread started or ended, so its bytes are not counted");
    }
  }

  private static void runOne(Runnable task) {
    try {
      ((Thread) Start.HANDLE.invokeExact(task)).join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a virtual thread ran", e);
    } catch (Throwable e) { // A method handle declares Throwable.
      throw new IllegalStateException("can't run a virtual thread", e);
    }
  }

  private long bytes(long[] threadIds) {
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threadIds)) {
      sum += bytes;
    }
    return sum;
  }

  @SuppressWarnings("deprecation") // Thread.threadId() is newer than the target Java.
  private static long[] carriers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(CARRIER_NAME))
        .mapToLong(Thread::getId)
        .toArray();
  }

  /** Linked when the first virtual thread starts. */
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

package app;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/** Measures calls in bursts, with an untimed pause before each, on the calling thread. */
final class Loop {
  private Loop() {}

  /** Makes the calls of all bursts, and prints the figures of those that count. */
  static void run(IntSupplier call) throws Exception {
    int bursts = Integer.getInteger("bursts");
    int calls = Integer.getInteger("calls");
    long pause = TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("pause"));
    int warmUp = bursts - Math.max(1, bursts / 3);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] nanos = new long[(bursts - warmUp) * calls];
    long[] cpus = new long[bursts - warmUp];
    int count = 0;
    long bytes = 0;
    int sum = 0;
    for (int burst = 0; burst < bursts; burst++) {
      LockSupport.parkNanos(pause);
      long bytesBefore = threads.getCurrentThreadAllocatedBytes();
      long cpuBefore = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < calls; i++) {
        long start = System.nanoTime();
        sum += call.getAsInt();
        long end = System.nanoTime();
        if (burst >= warmUp) {
          nanos[count++] = end - start;
        }
      }
      if (burst >= warmUp) {
        cpus[burst - warmUp] = (threads.getCurrentThreadCpuTime() - cpuBefore) / calls;
        bytes += threads.getCurrentThreadAllocatedBytes() - bytesBefore;
      }
    }
    Arrays.sort(nanos);
    Arrays.sort(cpus);
    System.out.printf(
        Locale.ROOT,
        "taken %d %d %d %d %d %d %d%n",
        nanos[count / 2],
        nanos[(int) (count * 0.99)],
        Arrays.stream(nanos).sum() / count,
        cpus[cpus.length / 2],
        bytes / count,
        (long) bursts * calls,
        sum);
  }

  /** Says that the application is ready, and collects garbage when it is told to. */
  static void ready() throws Exception {
    System.out.println("ready");
    System.out.flush();
    System.in.read();
    System.gc();
    System.out.println("collected");
    System.out.flush();
    System.in.read();
  }
}

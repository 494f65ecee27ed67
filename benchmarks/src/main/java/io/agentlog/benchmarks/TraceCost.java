package io.agentlog.benchmarks;

import com.sun.management.ThreadMXBean;
import io.agentlog.annotations.AgentExecution;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Question: what do instructions cost the caller of an execution? Prints time and bytes of one call
 * with a prompt of 2 kB and instructions of 8 kB.
 *
 * <p>Method: run it three times, without the agent, with it, and with it and {@code
 * -Dagentlog.traceability=true}. It makes bursts that fit the journal's ready segments, with an
 * untimed pause before each, on one thread. The first bursts are not counted.
 */
public final class TraceCost {
  private static final int PROMPT_BYTES = 2_000;
  private static final int INSTRUCTIONS_BYTES = 8_000;
  private static final int BURSTS = 120;
  private static final int WARM_UP_BURSTS = 80;
  private static final int BURST_CALLS = 300;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  private final String instructions;

  private TraceCost(String instructions) {
    this.instructions = instructions;
  }

  @AgentExecution(value = "trace-cost", instructions = "this.instructions")
  int handle(String prompt, UUID correlationId) {
    return prompt.charAt(7) + instructions.length() + correlationId.hashCode();
  }

  public static void main(String[] arguments) {
    TraceCost subject = new TraceCost(Prompts.of(INSTRUCTIONS_BYTES));
    String prompt = Prompts.of(PROMPT_BYTES);
    UUID correlationId = UUID.randomUUID();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] nanos = new long[(BURSTS - WARM_UP_BURSTS) * BURST_CALLS];
    long bytes = 0;
    int count = 0;
    int result = 0;
    for (int burst = 0; burst < BURSTS; burst++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      boolean counts = burst >= WARM_UP_BURSTS;
      long bytesBefore = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < BURST_CALLS; i++) {
        long start = System.nanoTime();
        result += subject.handle(prompt, correlationId);
        long end = System.nanoTime();
        if (counts) {
          nanos[count++] = end - start;
        }
      }
      bytes += counts ? threads.getCurrentThreadAllocatedBytes() - bytesBefore : 0;
    }
    Arrays.sort(nanos);
    System.out.println(
        String.format(
            Locale.ROOT,
            "%d calls: p50 %d ns, p90 %d ns, p99 %d ns, mean %d ns, %d bytes a call (%d)",
            count,
            nanos[count / 2],
            nanos[count * 9 / 10],
            nanos[count * 99 / 100],
            Arrays.stream(nanos).sum() / count,
            bytes / count,
            result & 1));
  }
}

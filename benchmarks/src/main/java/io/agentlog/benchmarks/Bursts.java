package io.agentlog.benchmarks;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.infra.ThreadParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * The bursts of one thread, one in each JMH iteration. Times each call and logs the bursts to the
 * folder that {@value #FOLDER_PROPERTY} names. Not thread-safe: each thread has its own.
 *
 * <p>The pause before a burst lasts until the files of the agent, or of the span sink, have stopped
 * growing, and at least 150 ms, because our agent's other reader looks at running executions every
 * 50 ms. Then the next burst finds the hand-off empty and the journal's next segments ready.
 *
 * <p>The first bursts always have short prompts, because bursts of long prompts have too few calls
 * for the compiler.
 */
@State(Scope.Thread)
public class Bursts {
  /** Names the folder of this JVM. */
  static final String FOLDER_PROPERTY = "agentlog.benchmark.folder";

  /**
   * Bytes of a burst of all threads. They fit the journal's ready segments, at least 2 of 4 MiB.
   */
  private static final int BURST_BYTES = 6 << 20;

  /** Bytes of the four records of one execution without the prompt, rounded up. */
  private static final int EXECUTION_BYTES = 1_500;

  private static final int SHORT_PROMPT_BYTES = 1_024;
  private static final int SHORT_PROMPT_BURSTS = 10;

  /** A chunk is one call of the loop method, so the JIT compiles the method after few bursts. */
  private static final int CHUNK_CALLS = 16;

  /** Number of correlation IDs; a power of two. */
  private static final int CORRELATION_IDS = 1_024;

  private static final long QUIET_NANOS = 150_000_000L;

  /** Spans that OpenTelemetry's agent exports at once; fewer wait up to 5 s for more. */
  private static final int EXPORT_BATCH_SPANS = 512;

  private static final long QUIET_WHILE_MISSING_NANOS = 1_000_000_000L;
  private static final long POLL_NANOS = 4_000_000L;
  private static final long DRAIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  private final Path folder = Path.of(System.getProperty(FOLDER_PROPERTY, ""));
  private final Path spans = folder.resolve(SpanSink.FILE_NAME);
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final UUID[] correlationIds = new UUID[CORRELATION_IDS];
  private final List<ThreadLog.Burst> bursts = new ArrayList<>();
  private int[] callNanos = {};
  private int sampleCount;
  private int threadCount;
  private int threadIndex;
  private boolean counts;
  private String prompt = "";
  private int burstCalls;
  private int result;

  /** Length of the prompt, in characters of one byte each. */
  @Param({"1024", "16384"})
  public int promptBytes;

  @Setup
  public void prepare(BenchmarkParams benchmark, ThreadParams thread) {
    threadCount = benchmark.getThreads();
    threadIndex = thread.getThreadIndex();
    for (int i = 0; i < CORRELATION_IDS; i++) {
      correlationIds[i] = UUID.randomUUID();
    }
    // Room for one more burst, because warm-up bursts are overwritten by the next one.
    callNanos = new int[(benchmark.getMeasurement().getCount() + 1) * callsOf(promptBytes)];
    int shortest = callsOf(Math.min(promptBytes, SHORT_PROMPT_BYTES));
    callNanos = Arrays.copyOf(callNanos, Math.max(callNanos.length, shortest));
  }

  /** Pauses before a burst; not timed. */
  @Setup(Level.Invocation)
  public void pause(BurstStart start, IterationParams iteration) {
    counts = iteration.getType() == IterationType.MEASUREMENT;
    boolean ownPrompt = counts || bursts.size() >= SHORT_PROMPT_BURSTS;
    int bytes = ownPrompt ? promptBytes : SHORT_PROMPT_BYTES;
    if (prompt.length() != bytes) {
      prompt = Prompts.of(bytes);
      burstCalls = callsOf(bytes);
    }
    start.await(this::awaitQuiet);
  }

  /** Writes the log of this thread. */
  @TearDown
  public void write() throws IOException {
    boolean traced = new AnnotatedExecution().isTraced();
    new ThreadLog(traced, bursts, Arrays.copyOf(callNanos, sampleCount)).write(folder, threadIndex);
  }

  /** Runs one burst on this thread. */
  int run(Execution execution) {
    long bytesBefore = threads.getCurrentThreadAllocatedBytes();
    long cpuBefore = threads.getCurrentThreadCpuTime();
    long begin = System.nanoTime();
    long last = begin;
    for (int i = 0; i < burstCalls; i += CHUNK_CALLS) {
      last = runChunk(execution, i, last);
    }
    long cpuAfter = threads.getCurrentThreadCpuTime();
    long bytesAfter = threads.getCurrentThreadAllocatedBytes();
    log(last - begin, cpuAfter - cpuBefore, bytesAfter - bytesBefore);
    sampleCount += counts ? burstCalls : 0;
    return result;
  }

  private long runChunk(Execution execution, int first, long before) {
    long last = before;
    for (int i = first; i < first + CHUNK_CALLS; i++) {
      result += execution.run(prompt, correlationIds[i & (CORRELATION_IDS - 1)]);
      long now = System.nanoTime();
      callNanos[sampleCount + i] = (int) Math.min(now - last, Integer.MAX_VALUE);
      last = now;
    }
    return last;
  }

  /** Runs one burst with a virtual thread for each call; measures only bytes. */
  int runOnFreshThreads(Execution execution, VirtualThreads virtual) {
    virtual.run(
        burstCalls,
        i -> result += execution.run(prompt, correlationIds[i & (CORRELATION_IDS - 1)]),
        bytes -> log(-1, -1, bytes));
    return result;
  }

  private void log(long wallNanos, long cpuNanos, long allocatedBytes) {
    bursts.add(
        new ThreadLog.Burst(
            prompt.length(), counts, burstCalls, wallNanos, cpuNanos, allocatedBytes));
  }

  /** Number of calls of one thread in one burst. */
  private int callsOf(int bytes) {
    int calls = BURST_BYTES / (bytes + EXECUTION_BYTES) / threadCount;
    return Math.max(1, calls / CHUNK_CALLS) * CHUNK_CALLS;
  }

  /**
   * The quiet time to wait for; longer while spans are missing, because they may be on their way.
   */
  private long quietNanos() throws IOException {
    if (!Files.exists(spans)) {
      return QUIET_NANOS;
    }
    // All threads have made the same calls.
    long calls = bursts.stream().mapToLong(ThreadLog.Burst::calls).sum() * threadCount;
    long missing = calls * AnnotatedExecution.SPANS - SpanSink.spansIn(spans);
    return missing < EXPORT_BATCH_SPANS ? QUIET_NANOS : QUIET_WHILE_MISSING_NANOS;
  }

  private void awaitQuiet() {
    try {
      long begin = System.nanoTime();
      long quietSince = begin;
      long bytesBefore = MeasuredProcess.bytesIn(folder);
      while (System.nanoTime() - quietSince < quietNanos()) {
        LockSupport.parkNanos(this, POLL_NANOS);
        long bytes = MeasuredProcess.bytesIn(folder);
        if (bytes != bytesBefore) {
          bytesBefore = bytes;
          quietSince = System.nanoTime();
        }
        if (System.nanoTime() - begin > DRAIN_NANOS_MAX) {
          throw new IllegalStateException("the agent's files still grow 20 s after the last call");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the agent's files", e);
    }
  }
}

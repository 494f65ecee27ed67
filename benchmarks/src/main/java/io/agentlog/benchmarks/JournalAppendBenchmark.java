package io.agentlog.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how long does the journal's {@code append} alone take a caller? Records have 64, 150 or
 * 1,150 bytes, like the four records of an execution with a prompt of 1 KiB, or 16 KiB.
 *
 * <p>Method: an invocation is one burst of at most 6 MiB for four threads. Before it a reader reads
 * and confirms the last burst, and the journal gets time to prepare its next segments. A record
 * that the journal does not take, or that the reader does not get, fails the run. Like an event,
 * each record has one span of bytes for the head and, with a prompt, one for the tail.
 *
 * <p>Assumptions: {@link CallerCostBenchmark}'s. The bytes to be copied are in the cache.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 40)
@Measurement(iterations = 40)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class JournalAppendBenchmark {
  // Appends of one thread in a burst.
  private static final int OF_64_BYTES = 8_192;
  private static final int OF_150_BYTES = 6_144;
  private static final int OF_1150_BYTES = 1_280;
  private static final int OF_16_KIB = 80;

  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(OF_64_BYTES)
  public int bytes64OneThread(AppendingThread thread) {
    return thread.appendAll(OF_64_BYTES, 64, 0);
  }

  @Benchmark
  @Threads(4)
  @OperationsPerInvocation(OF_64_BYTES)
  public int bytes64FourThreads(AppendingThread thread) {
    return thread.appendAll(OF_64_BYTES, 64, 0);
  }

  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(OF_150_BYTES)
  public int bytes150OneThread(AppendingThread thread) {
    return thread.appendAll(OF_150_BYTES, 150, 0);
  }

  @Benchmark
  @Threads(4)
  @OperationsPerInvocation(OF_150_BYTES)
  public int bytes150FourThreads(AppendingThread thread) {
    return thread.appendAll(OF_150_BYTES, 150, 0);
  }

  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(OF_1150_BYTES)
  public int bytes1150OneThread(AppendingThread thread) {
    return thread.appendAll(OF_1150_BYTES, 126, 1_024);
  }

  @Benchmark
  @Threads(4)
  @OperationsPerInvocation(OF_1150_BYTES)
  public int bytes1150FourThreads(AppendingThread thread) {
    return thread.appendAll(OF_1150_BYTES, 126, 1_024);
  }

  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(OF_16_KIB)
  public int bytes16384OneThread(AppendingThread thread) {
    return thread.appendAll(OF_16_KIB, 126, 16_258);
  }

  @Benchmark
  @Threads(4)
  @OperationsPerInvocation(OF_16_KIB)
  public int bytes16384FourThreads(AppendingThread thread) {
    return thread.appendAll(OF_16_KIB, 126, 16_258);
  }
}

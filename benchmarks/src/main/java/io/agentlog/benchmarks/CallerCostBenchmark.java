package io.agentlog.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does one execution cost its caller? An {@code @AgentExecution} method with two
 * {@code @ProgressStage} methods and a prompt of 1 KiB or 16 KiB, on one thread and on four.
 *
 * <p>Method: {@link CallerCost} runs it in a JVM of its own for each {@link Variant}. An iteration
 * is one burst of calls that fits the hand-off to the agent's own threads, with an untimed pause
 * before, in which those threads catch up. JMH starts the JVMs and the threads; times, bytes and
 * CPU time are taken by {@link Bursts}, which knows where a burst begins.
 *
 * <p>Assumptions: two cores or more, of which the agent's own threads use one while a burst lasts;
 * four threads on fewer cores measure waiting for a core, too. The heap has a fixed size and is
 * touched before. The clock is read once for each call, which takes some 25 ns and goes into every
 * figure. Every call sees the same prompt object, as the methods of one request would.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 120)
@Measurement(iterations = 20)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xms512m",
      "-Xmx512m",
      "-XX:+AlwaysPreTouch",
      // One carrier thread, which counts the bytes that virtual threads allocate.
      "-Djdk.virtualThreadScheduler.parallelism=1",
      "-Djdk.virtualThreadScheduler.maxPoolSize=1"
    })
public class CallerCostBenchmark {
  /** The measured execution, shared by all threads. */
  @State(Scope.Benchmark)
  public static class Subject {
    private static final int PROMPT_BYTES_MAX = 64 << 10;

    final Execution execution =
        Boolean.getBoolean(Variant.RAW_PROPERTY)
            ? new RawExecution(
                Path.of(System.getProperty(Bursts.FOLDER_PROPERTY, "")), PROMPT_BYTES_MAX)
            : new AnnotatedExecution();
  }

  /** JMH's score is the time of a whole burst; {@link CallerCost} prints the cost of one call. */
  @Benchmark
  public int execution(Bursts bursts, Subject subject) {
    return bursts.run(subject.execution);
  }

  /** Needs Java 21. JMH's score has no meaning; {@link CallerCost} prints the bytes of one call. */
  @Benchmark
  public int onFreshVirtualThreads(Bursts bursts, Subject subject, VirtualThreads virtual) {
    return bursts.runOnFreshThreads(subject.execution, virtual);
  }
}

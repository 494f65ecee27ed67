package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does one execution cost its caller? An {@code @AgentExecution} method with two
 * {@code @ProgressStage} methods and a prompt of 1 KiB or 16 KiB, on one thread and on four. The
 * methods do almost nothing, so what is left beside the run without an agent is the cost of being
 * recorded: reading the values, encoding four events, appending them.
 *
 * <p>Method: {@link CallerCost} runs all of it twice, with the shipped jar attached and without any
 * agent. Calls come in bursts that fit the hand-off to the agent's own thread, with a pause after
 * each in which that thread catches up; pauses are not timed. A run in which the agent dropped
 * anything fails: dropping is cheaper than recording, so its figure would be too good.
 *
 * <p>Assumptions: two cores or more, of which the agent's own thread uses one while a burst lasts;
 * four threads on fewer cores measure waiting for a core, too. The heap has one size and is touched
 * before. The clock is read around each call, which takes some 25 ns here as there and goes into
 * both figures. Every call sees the same prompt object, as the methods of one request would.
 */
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class CallerCostBenchmark {
  /** Recorded for each execution: started, progress, progress, completed. */
  static final int EVENTS_PER_EXECUTION = 4;

  @Benchmark
  @Threads(1)
  public int oneThread(Bursts bursts, CallerAllocation allocation) {
    return handle(bursts.prompt(), bursts.correlationId());
  }

  @Benchmark
  @Threads(4)
  public int fourThreads(Bursts bursts, CallerAllocation allocation) {
    return handle(bursts.prompt(), bursts.correlationId());
  }

  @AgentExecution("caller-cost")
  int handle(String prompt, UUID correlationId) {
    return read(prompt) + answer(correlationId);
  }

  @ProgressStage(value = "read", percent = 50)
  int read(String prompt) {
    return prompt.charAt(7) | 1;
  }

  @ProgressStage(value = "answer", percent = 90)
  int answer(UUID correlationId) {
    return (int) correlationId.getLeastSignificantBits() & 1_023;
  }
}

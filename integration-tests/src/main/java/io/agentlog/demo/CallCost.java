package io.agentlog.demo;

import com.sun.management.ThreadMXBean;
import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The caller's cost of one execution with two stages and a prompt of 1 KiB, on one thread.
 *
 * <p>Question: how long does the annotated method take, with and without the agent? Method: the
 * same program, run once each way in a fresh JVM; bursts that fit the journal's ready segments,
 * with pauses between them; everything is delivered before the next round. The method does almost
 * nothing, so the difference is the cost of recording.
 */
final class CallCost {
  static final int CALLS_PER_BURST = 500;
  static final int BURSTS = 20;

  /** Bursts of each warm-up round; the first round waits for the agent's connections. */
  static final List<Integer> WARM_UP_ROUNDS = List.of(1, BURSTS, BURSTS, BURSTS);

  /** Printed after each round, with the number of calls made so far. */
  static final String ROUND = "round ";

  /** Printed before the figures: nanoseconds and bytes per call. */
  static final String RESULT = "call-cost ";

  private static final int PROMPT_LENGTH = 1_024;
  private static final long PAUSE_MILLIS = 30;

  private int state;

  private CallCost() {}

  /**
   * Waits after each round for a line on standard input; the round's events are delivered
   * meanwhile.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String prompt = "Route this request, please. ".repeat(64).substring(0, PROMPT_LENGTH);
    UUID[] correlationIds = new UUID[CALLS_PER_BURST];
    Arrays.setAll(correlationIds, i -> UUID.randomUUID());
    CallCost callCost = new CallCost();
    int calls = 0;
    for (int bursts : WARM_UP_ROUNDS) {
      callCost.bursts(bursts, prompt, correlationIds);
      calls += bursts * CALLS_PER_BURST;
      awaitGo(calls);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytesBefore = threads.getCurrentThreadAllocatedBytes();
    long[] nanos = callCost.bursts(BURSTS, prompt, correlationIds);
    long bytes = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
    Arrays.sort(nanos);
    double mean = Arrays.stream(nanos).average().orElseThrow() / CALLS_PER_BURST;
    double median = (double) nanos[BURSTS / 2] / CALLS_PER_BURST;
    System.out.println(
        RESULT + mean + " " + median + " " + (double) bytes / (BURSTS * CALLS_PER_BURST));
    awaitGo(calls + BURSTS * CALLS_PER_BURST);
    if (callCost.state == 0) {
      System.out.println("the calls were not made"); // Keeps the calls from being optimised away.
    }
  }

  private static void awaitGo(int calls) throws IOException {
    System.out.println(ROUND + calls);
    int read = System.in.read();
    while (read >= 0 && read != '\n') {
      read = System.in.read();
    }
  }

  private long[] bursts(int count, String prompt, UUID[] correlationIds)
      throws InterruptedException {
    long[] nanos = new long[count];
    for (int burst = 0; burst < count; burst++) {
      long start = System.nanoTime();
      for (UUID correlationId : correlationIds) {
        state += handle(prompt, correlationId);
      }
      nanos[burst] = System.nanoTime() - start;
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    return nanos;
  }

  @AgentExecution("call-cost")
  int handle(String prompt, UUID correlationId) {
    return read(prompt) + answer(correlationId);
  }

  @ProgressStage(value = "read", percent = 50)
  private int read(String prompt) {
    return prompt.charAt(state & 1_023) | 1;
  }

  @ProgressStage(value = "answer", percent = 90)
  private int answer(UUID correlationId) {
    return (int) correlationId.getLeastSignificantBits() & 1_023;
  }
}

package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Measures what an open, read and close of 1 KiB costs. Arguments: the file's folder; {@code start}
 * for one execution and the end, {@code inside} or {@code outside} an execution. Run it by hand,
 * without the agent, with {@code files=false} and {@code files=true}; it prints nanoseconds a call,
 * the median of eleven rounds after as many for warm-up.
 */
final class FileCostApp {
  private static final int ROUNDS = 22;
  private static final int CALLS = 20_000;

  /** Below the limit of one execution's operations, so that each call is recorded or counted. */
  private static final int CALLS_OF_EXECUTION = 500;

  private FileCostApp() {}

  static class Agent {
    @AgentExecution("cost")
    void read(String prompt, Path file, int calls) throws Exception {
      readAll(file, calls);
    }
  }

  private static void readAll(Path file, int calls) throws Exception {
    for (int i = 0; i < calls; i++) {
      Files.readAllBytes(file);
    }
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]).resolve("kib.bin");
    Files.write(file, new byte[1_024]);
    Agent agent = new Agent();
    if (args[1].equals("start")) {
      agent.read("start", file, 1);
      return;
    }
    long[] nanos = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long begun = System.nanoTime();
      for (int i = 0; i < CALLS; i += CALLS_OF_EXECUTION) {
        if (args[1].equals("inside")) {
          agent.read("cost", file, CALLS_OF_EXECUTION);
        } else {
          readAll(file, CALLS_OF_EXECUTION);
        }
      }
      nanos[round] = (System.nanoTime() - begun) / CALLS;
    }
    long[] measured = Arrays.copyOfRange(nanos, ROUNDS / 2, ROUNDS);
    Arrays.sort(measured);
    System.out.println(args[1] + " " + measured[measured.length / 2] + " ns");
  }
}

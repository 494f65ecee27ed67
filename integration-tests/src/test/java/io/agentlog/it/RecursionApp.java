package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;

/** An execution within an execution, ten thousand deep; see {@link HandOnIT}. */
final class RecursionApp {
  static final int DEPTH = 10_000;
  private static final long STACK_BYTES = 1L << 30;

  private RecursionApp() {}

  @AgentExecution("deep")
  static int deep(int correlationId, int left) {
    return left == 0 ? 0 : 1 + deep(correlationId, left - 1);
  }

  public static void main(String[] args) throws Exception {
    int[] result = new int[1];
    Thread thread = new Thread(null, () -> result[0] = deep(7, DEPTH - 1), "deep", STACK_BYTES);
    thread.start();
    thread.join();
    HandOnApp.check(result[0] == DEPTH - 1, "its own result");
    System.out.println("done");
    System.in.read();
  }
}

package io.agentlog.agent.capture;

/**
 * Checks that the stack has room for the end of an execution before the start is recorded. The end
 * may take some frames more than the start, and must not fail where the start did not. Thread-safe.
 */
final class StackCheck {
  private static final int FRAMES = 8;

  /**
   * Enough in interpreted code, too. Costs some 40 ns, so only a JVM whose stacks overflow pays.
   */
  private static final int FRAMES_AFTER_OVERFLOW = 40;

  private int frames = FRAMES; // A race costs a check that is too short.

  /** Throws a {@link StackOverflowError} if the stack is nearly full. */
  void run(long any) {
    try {
      descend(frames, any, any, any);
    } catch (StackOverflowError e) {
      overflowed();
      throw e;
    }
  }

  /** Makes further checks look deeper, because stacks do overflow in this JVM. */
  void overflowed() {
    frames = FRAMES_AFTER_OVERFLOW;
  }

  private static long descend(int frames, long a, long b, long c) {
    return frames == 0 ? a + b + c : descend(frames - 1, a + 1, b + 1, c + 1) + 1;
  }
}

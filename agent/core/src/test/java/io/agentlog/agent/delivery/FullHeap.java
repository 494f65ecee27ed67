package io.agentlog.agent.delivery;

import org.jspecify.annotations.Nullable;

/**
 * The heap of a small JVM, full but for as many bytes as one wishes: an allocation further on than
 * these throws a real {@code OutOfMemoryError}. Other threads of the JVM must be at rest.
 */
final class FullHeap {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int STEP = 64;
  private static final int LEAST_BYTES = 16;

  private @Nullable Object[] held;

  /** Fills the heap, and gives some bytes of it back. */
  void fill(int bytesLeft) {
    byte[] left = new byte[bytesLeft];
    for (int bytes = CHUNK_BYTES; bytes >= LEAST_BYTES; bytes /= STEP) {
      fillWith(bytes);
    }
    if (left.length < 0) {
      throw new AssertionError("it has to be reachable until here");
    }
  }

  private void fillWith(int bytes) {
    try {
      while (true) {
        Object[] next = new Object[bytes / Integer.BYTES];
        next[0] = held;
        held = next;
      }
    } catch (OutOfMemoryError e) { // But there may be room for something smaller.
    }
  }

  /** Gives all of it back. */
  void release() {
    held = null;
  }
}

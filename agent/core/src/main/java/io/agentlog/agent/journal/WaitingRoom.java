package io.agentlog.agent.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records of one stripe that found no ready segment. They wait in the heap, not durable, until the
 * journal's own thread appends them. Later records of the stripe queue up behind them, so that the
 * events of an execution stay in order.
 */
final class WaitingRoom {
  /** Heap bytes of a record beside its payload. */
  private static final int OVERHEAD_BYTES = 80;

  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes;
  private final long bytesMax;

  /** One waiting record. */
  static final class Waiting {
    final int kind;
    final int payloadCrc;
    final byte[] payload;
    volatile boolean givenUp;

    Waiting(int kind, int payloadCrc, byte[] payload) {
      this.kind = kind;
      this.payloadCrc = payloadCrc;
      this.payload = payload;
    }
  }

  /**
   * @param bytes heap bytes of the waiting rooms of all stripes, counted together
   * @param bytesMax limit of {@code bytes}
   */
  WaitingRoom(AtomicLong bytes, long bytesMax) {
    this.bytes = bytes;
    this.bytesMax = bytesMax;
  }

  boolean isEmpty() {
    return queue.isEmpty(); // Not a counter, which an error after the queue's change would falsify.
  }

  /** Adds a copy of a record. Returns false if there is no room. */
  boolean add(int kind, int payloadCrc, byte[] head, int headLength, byte[] tail, int tailLength) {
    int length = headLength + tailLength;
    long cost = (long) length + OVERHEAD_BYTES;
    if (bytes.addAndGet(cost) > bytesMax) {
      bytes.addAndGet(-cost);
      return false;
    }
    boolean added = false;
    Waiting waiting = null;
    try {
      byte[] payload = new byte[length];
      System.arraycopy(head, 0, payload, 0, headLength);
      System.arraycopy(tail, 0, payload, headLength, tailLength);
      waiting = new Waiting(kind, payloadCrc, payload);
      queue.add(waiting);
      added = true;
      return true;
    } finally {
      if (!added && waiting != null) {
        waiting.givenUp = true; // May be queued nevertheless, but its caller counts it as dropped.
      }
      if (!added) {
        bytes.addAndGet(-cost);
      }
    }
  }

  /** Returns the first waiting record without removing it; null if none waits. */
  @Nullable Waiting peek() {
    for (Waiting first = queue.peek(); first != null; first = queue.peek()) {
      if (!first.givenUp) {
        return first;
      }
      queue.poll();
    }
    return null;
  }

  /** Removes the first waiting record, which is now in a segment or given up. */
  void remove() {
    Waiting first = queue.poll();
    if (first != null) {
      bytes.addAndGet(-(first.payload.length + (long) OVERHEAD_BYTES));
    }
  }
}

package io.agentlog.agent.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records of one stripe for which no segment was ready, in the heap until the journal's own thread
 * has appended them: not durable so far. While there are any, later ones of the stripe queue up
 * behind them, so that the events of an execution stay in order.
 */
final class WaitingRoom {
  /** Heap that a record costs beside its bytes. */
  private static final int OVERHEAD_BYTES = 80;

  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes;
  private final long bytesMax;

  /** A record that waits. */
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
   * @param bytes of the waiting rooms of all stripes
   * @param bytesMax for all of them together
   */
  WaitingRoom(AtomicLong bytes, long bytesMax) {
    this.bytes = bytes;
    this.bytesMax = bytesMax;
  }

  boolean isEmpty() {
    return queue.isEmpty(); // No counter: an error between the two would keep them apart for ever.
  }

  /** Takes a copy. False if there is no room. */
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
        waiting.givenUp =
            true; // It may be in the queue nevertheless; its caller was told it is not.
      }
      if (!added) {
        bytes.addAndGet(-cost);
      }
    }
  }

  /** The first that waits, still there; null if none does. */
  @Nullable Waiting peek() {
    for (Waiting first = queue.peek(); first != null; first = queue.peek()) {
      if (!first.givenUp) {
        return first;
      }
      queue.poll();
    }
    return null;
  }

  /** The first one is in a segment now. */
  void remove() {
    Waiting first = queue.poll();
    if (first != null) {
      bytes.addAndGet(-(first.payload.length + (long) OVERHEAD_BYTES));
    }
  }
}

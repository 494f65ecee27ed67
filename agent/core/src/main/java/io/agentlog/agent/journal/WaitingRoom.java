package io.agentlog.agent.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bytes;
  private final long bytesMax;

  /** A record that waits. */
  static final class Waiting {
    final int kind;
    final int payloadCrc;
    final byte[] payload;

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
    return count.get() == 0;
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
    try {
      byte[] payload = new byte[length];
      System.arraycopy(head, 0, payload, 0, headLength);
      System.arraycopy(tail, 0, payload, headLength, tailLength);
      Waiting waiting = new Waiting(kind, payloadCrc, payload);
      count.incrementAndGet(); // Before it is seen: whoever finds 0 has nobody before it.
      queue.add(waiting);
      added = true;
      return true;
    } finally {
      if (!added) {
        bytes.addAndGet(-cost);
      }
    }
  }

  /** The first that waits, still there; null if none does. */
  @Nullable Waiting peek() {
    return queue.peek();
  }

  /** The first one is in a segment now. */
  void remove() {
    Waiting first = queue.poll();
    if (first != null) {
      bytes.addAndGet(-(first.payload.length + (long) OVERHEAD_BYTES));
      count.decrementAndGet();
    }
  }
}

package io.agentlog.agent.capture;

import io.agentlog.event.EventBuffer;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A few buffers that threads take and give back: none per thread, since there may be a million of
 * those. Taking never waits; when all are taken, a new one is made. Thread-safe.
 */
final class EventBuffers {
  private static final int SLOT_COUNT = 8; // A power of two.

  private final Slot[] slots = new Slot[SLOT_COUNT];

  EventBuffers() {
    for (int i = 0; i < SLOT_COUNT; i++) {
      slots[i] = new Slot();
    }
  }

  /** A buffer that is the caller's until it is given back. */
  EventBuffer take(int stripe) {
    for (int i = 0; i < SLOT_COUNT; i++) {
      Slot slot = slots[(stripe + i) & (SLOT_COUNT - 1)];
      if (slot.buffer != null) {
        EventBuffer buffer = Slot.BUFFER.getAndSet(slot, null);
        if (buffer != null) {
          return buffer;
        }
      }
    }
    return new EventBuffer();
  }

  /** Gives a buffer back; one that is more than there are slots is left to the collector. */
  void give(int stripe, EventBuffer buffer) {
    buffer.end();
    for (int i = 0; i < SLOT_COUNT; i++) {
      Slot slot = slots[(stripe + i) & (SLOT_COUNT - 1)];
      if (slot.buffer == null) { // Two threads may both see that, and one buffer is lost.
        Slot.BUFFER.lazySet(slot, buffer);
        return;
      }
    }
  }

  /** Alone on its cache line, so that two threads with two slots don't slow each other down. */
  private static final class Slot {
    static final AtomicReferenceFieldUpdater<Slot, EventBuffer> BUFFER =
        AtomicReferenceFieldUpdater.newUpdater(Slot.class, EventBuffer.class, "buffer");

    volatile @Nullable EventBuffer buffer;

    @SuppressWarnings("UnusedVariable")
    private long padding1, padding2, padding3, padding4, padding5, padding6;
  }
}

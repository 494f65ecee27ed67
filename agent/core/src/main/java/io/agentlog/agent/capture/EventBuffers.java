package io.agentlog.agent.capture;

import io.agentlog.agent.event.EventBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few buffers that threads take and give back: none per thread, since there may be a million of
 * those. Taking never waits; when all are taken, a new one is made. Thread-safe.
 */
final class EventBuffers {
  private static final int SLOT_COUNT = 8;

  /** Slots lie this far apart, so that two threads don't share a cache line. */
  private static final int STRIDE = 16;

  private final AtomicReferenceArray<EventBuffer> slots =
      new AtomicReferenceArray<>(SLOT_COUNT * STRIDE);

  EventBuffer take(int stripe) {
    for (int i = 0; i < SLOT_COUNT; i++) {
      EventBuffer buffer = slots.getAndSet(((stripe + i) & (SLOT_COUNT - 1)) * STRIDE, null);
      if (buffer != null) {
        return buffer;
      }
    }
    return new EventBuffer();
  }

  void give(int stripe, EventBuffer buffer) {
    buffer.end();
    slots.setRelease((stripe & (SLOT_COUNT - 1)) * STRIDE, buffer);
  }
}

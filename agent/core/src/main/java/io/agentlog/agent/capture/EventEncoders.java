package io.agentlog.agent.capture;

import io.agentlog.event.EventEncoder;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A few encoders that threads take and give back. There is none per thread, because there may be a
 * million threads. Taking never waits; when all are taken, a new one is made. Thread-safe.
 */
final class EventEncoders {
  private static final int SLOT_COUNT = 8; // A power of two.

  private final Supplier<EventEncoder> maker;
  private final Slot[] slots = new Slot[SLOT_COUNT];

  EventEncoders(Supplier<EventEncoder> maker) {
    this.maker = maker;
    for (int i = 0; i < SLOT_COUNT; i++) {
      slots[i] = new Slot();
    }
  }

  /** An encoder that is the caller's until it is given back. */
  EventEncoder take(int stripe) {
    for (int i = 0; i < SLOT_COUNT; i++) {
      Slot slot = slots[(stripe + i) & (SLOT_COUNT - 1)];
      if (slot.encoder != null) {
        EventEncoder encoder = Slot.ENCODER.getAndSet(slot, null);
        if (encoder != null) {
          return encoder;
        }
      }
    }
    return maker.get();
  }

  /** Gives an encoder back; one that is more than there are slots is left to the collector. */
  void give(int stripe, EventEncoder encoder) {
    encoder.buffer().end();
    for (int i = 0; i < SLOT_COUNT; i++) {
      Slot slot = slots[(stripe + i) & (SLOT_COUNT - 1)];
      if (slot.encoder == null) { // Two threads may both see that, and one encoder is lost.
        Slot.ENCODER.lazySet(slot, encoder);
        return;
      }
    }
  }

  /** Alone on its cache line, so that two threads with two slots don't slow each other down. */
  private static final class Slot {
    static final AtomicReferenceFieldUpdater<Slot, EventEncoder> ENCODER =
        AtomicReferenceFieldUpdater.newUpdater(Slot.class, EventEncoder.class, "encoder");

    volatile @Nullable EventEncoder encoder;

    @SuppressWarnings("UnusedVariable")
    private long padding1, padding2, padding3, padding4, padding5, padding6;
  }
}

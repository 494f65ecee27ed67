package io.agentlog.agent.journal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Segments that are ready: zeroed, mapped, their pages touched. The journal's own thread adds them,
 * and any thread that finds a segment full takes one, lock-free.
 */
final class SpareSegments {
  /** Maximum number of spares that the journal keeps. */
  static final int COUNT_MAX = 8;

  /** More slots than spares, because threads may put spares back. */
  private final AtomicReferenceArray<Segment> slots = new AtomicReferenceArray<>(4 * COUNT_MAX);

  private final AtomicLong taken = new AtomicLong();

  /** Takes a spare; null if none is ready. */
  @Nullable Segment take() {
    for (int i = 0; i < slots.length(); i++) {
      if (slots.getPlain(i) != null) {
        taken.incrementAndGet(); // First, since a stack overflow here must not lose the segment.
        Segment segment = slots.getAndSet(i, null);
        if (segment != null) {
          return segment;
        }
        taken.decrementAndGet();
      }
    }
    return null;
  }

  /** Number of places for spares, most of them empty. */
  int slotCount() {
    return slots.length();
  }

  /** The spare at a place, which stays there; null if there is none. */
  @Nullable Segment peek(int slot) {
    return slots.get(slot);
  }

  /** Removes a spare. False if a thread has taken it meanwhile. */
  boolean remove(int slot, Segment segment) {
    return slots.compareAndSet(slot, segment, null);
  }

  /** Puts a spare back that a thread took and did not use. */
  void putBack(Segment segment) {
    taken.decrementAndGet();
    add(segment);
  }

  void add(Segment segment) {
    for (int i = 0; i < slots.length(); i++) {
      if (slots.getPlain(i) == null && slots.compareAndSet(i, null, segment)) {
        return;
      }
    }
  }

  int count() {
    int count = 0;
    for (int i = 0; i < slots.length(); i++) {
      if (slots.get(i) != null) {
        count++;
      }
    }
    return count;
  }

  /** Touches the pages of all spares, because the kernel may have begun to write them back. */
  void touch(long nowNanos, long intervalNanos) {
    for (int i = 0; i < slots.length(); i++) {
      Segment segment = slots.get(i);
      if (segment != null) {
        segment.touchAhead(segment.recordsEnd(), nowNanos, intervalNanos);
      }
    }
  }

  /** Abandons all memory at the end of the journal; see {@link SegmentMemory#abandon}. */
  void abandonMemory() {
    for (int i = 0; i < slots.length(); i++) {
      Segment segment = slots.get(i);
      if (segment != null) {
        segment.abandonMemory();
      }
    }
  }

  /** Number of spares that stripes have taken so far. */
  long takenCount() {
    return taken.get();
  }
}

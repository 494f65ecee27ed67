package io.agentlog.agent.journal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Segments that are ready: zeroed, mapped, their pages touched. Filled by the journal's own thread,
 * taken by whichever thread finds a segment full; nobody waits.
 */
final class SpareSegments {
  /** Most that are kept. */
  static final int COUNT_MAX = 8;

  /** One more than can be asked for, since a thread may give one back. */
  private final AtomicReferenceArray<Segment> slots = new AtomicReferenceArray<>(4 * COUNT_MAX);

  private final AtomicLong taken = new AtomicLong();

  /** Null if none is ready. */
  @Nullable Segment take() {
    for (int i = 0; i < slots.length(); i++) {
      if (slots.getPlain(i) != null) {
        taken.incrementAndGet(); // Before: a stack that overflows here must not lose the segment.
        Segment segment = slots.getAndSet(i, null);
        if (segment != null) {
          return segment;
        }
        taken.decrementAndGet();
      }
    }
    return null;
  }

  /** Puts one back that was not used after all. */
  void giveBack(Segment segment) {
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

  /** Touches the pages of all of them, for which the kernel may have begun to write them back. */
  void touch(long nowNanos, long intervalNanos) {
    for (int i = 0; i < slots.length(); i++) {
      Segment segment = slots.get(i);
      if (segment != null) {
        segment.touchAhead(segment.recordsEnd(), nowNanos, intervalNanos);
      }
    }
  }

  /** At the end of the journal; see {@link SegmentMemory#abandon}. */
  void abandonMemory() {
    for (int i = 0; i < slots.length(); i++) {
      Segment segment = slots.get(i);
      if (segment != null) {
        segment.abandonMemory();
      }
    }
  }

  /** Segments that stripes have taken so far. */
  long takenCount() {
    return taken.get();
  }
}

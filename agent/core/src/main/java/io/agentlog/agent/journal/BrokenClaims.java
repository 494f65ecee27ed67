package io.agentlog.agent.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Claims of one {@link Segment} whose append failed before it published a record. A remembered
 * claim is voided later, because an incomplete one would block every reader.
 *
 * <p><b>Threads:</b> any thread remembers a claim, by stores to the fields: its stack may be too
 * full for a call. The journal's own thread voids them.
 */
final class BrokenClaims {
  /** Claims that may break between two turns of the journal's thread. */
  static final int COUNT_MAX = 32;

  /** A power of two, large enough for claims that break before their threads see the limit. */
  static final int SLOT_COUNT = 4 * COUNT_MAX;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Offset (high half) and word (low half) of each broken claim; 0 in a free slot. */
  final long[] slots;

  /** Approximate, because updates may be lost; therefore there are more slots. */
  int count;

  /** True once {@link #count} was raised. Appenders check this flag first, because it is cheap. */
  volatile boolean any;

  /**
   * @param isWritable false for a segment that takes no record and so needs no slots
   */
  BrokenClaims(boolean isWritable) {
    this.slots = new long[isWritable ? SLOT_COUNT : 0];
  }

  /**
   * Voids all remembered claims. If a store throws, the next call tries again.
   *
   * @param segment segment of these claims
   * @param memory memory of the segment
   */
  void voidAll(Segment segment, SegmentMemory memory) {
    if (!any) {
      return;
    }
    any = false;
    for (int i = 0; i < slots.length; i++) {
      long claim = (long) SLOT.getVolatile(slots, i);
      if (claim != 0) {
        any = true; // Before the store: if that throws, the claim must not be forgotten.
        segment.voidClaim(memory, (int) (claim >>> 32), (int) claim);
        SLOT.compareAndSet(slots, i, claim, 0L);
      }
    }
    count = 0;
  }
}

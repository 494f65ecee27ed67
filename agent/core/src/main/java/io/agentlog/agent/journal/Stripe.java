package io.agentlog.agent.journal;

import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A chain of segments, the last of which takes records. Executions are spread over the stripes, so
 * that threads seldom claim from one counter.
 *
 * <pre>
 *  oldest -> [sealed] -> [sealed] -> [active] -> null
 * </pre>
 *
 * <p>A thread that finds the active segment full takes a spare and links it with one
 * compare-and-set. Threads that lose this race put their spares back. A thread that stops at any
 * point leaves the chain whole.
 */
final class Stripe {
  private static final VarHandle ACTIVE;

  static {
    try {
      ACTIVE = MethodHandles.lookup().findVarHandle(Stripe.class, "active", Segment.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int index;
  private final SpareSegments spares;
  private final WaitingRoom waitingRoom;

  /** A segment at or before the last one of the chain. */
  private volatile Segment active;

  /** A spare that a thread had taken when an error stopped it. */
  private volatile @Nullable Segment leftOver;

  /** First segment that is not retired. Written by the journal's own threads. */
  private volatile Segment oldest;

  /**
   * @param last last segment of the chain so far; takes no record
   */
  Stripe(int index, Segment oldest, Segment last, SpareSegments spares, WaitingRoom waitingRoom) {
    this.index = index;
    this.oldest = oldest;
    this.active = last;
    this.spares = spares;
    this.waitingRoom = waitingRoom;
  }

  int index() {
    return index;
  }

  WaitingRoom waitingRoom() {
    return waitingRoom;
  }

  Segment active() {
    return active;
  }

  Segment oldest() {
    return oldest;
  }

  void retireUpTo(Segment segment) {
    oldest = segment;
  }

  /**
   * Appends to the active segment.
   *
   * @return false if no segment was ready
   */
  boolean append(
      int kind, int payloadCrc, byte[] head, int headLength, byte[] tail, int tailLength) {
    Segment segment = active;
    while (true) {
      if (segment.append(kind, payloadCrc, head, headLength, tail, tailLength)) {
        return true;
      }
      Segment next = segment.next();
      if (next == null) {
        next = roll(segment);
        if (next == null) {
          return false;
        }
      }
      ACTIVE.compareAndSet(this, segment, next);
      segment = next;
    }
  }

  /** Seals the last segment although it is not full, and moves on to a spare. */
  void seal() {
    Segment segment = active;
    while (segment.next() != null) {
      segment = next(segment);
    }
    segment.seal();
    Segment next = roll(segment);
    if (next != null) {
      active = next;
    }
  }

  private static Segment next(Segment segment) {
    Segment next = segment.next();
    return next == null ? segment : next;
  }

  private @Nullable Segment roll(Segment full) {
    Segment spare = spares.take();
    if (spare == null) {
      return full.next();
    }
    boolean linked = false;
    boolean settled = false;
    try {
      spare.assign(index, full.endPosition());
      linked = full.follow(spare);
      if (!linked) {
        spares.putBack(spare);
      }
      settled = true;
    } catch (UncheckedIOException e) { // Stores are writes here, and the disk refused one.
      spares.putBack(spare);
      settled = true;
      return null;
    } finally {
      if (!settled && !linked) { // No call from here: there may be no stack for one.
        leftOver = spare;
      }
    }
    return linked ? spare : full.next();
  }

  /** Puts back a spare that a thread took and could not use. For the journal's own thread. */
  void putBackLeftOver() {
    Segment spare = leftOver;
    if (spare != null) {
      leftOver = null;
      spares.putBack(spare);
    }
  }
}

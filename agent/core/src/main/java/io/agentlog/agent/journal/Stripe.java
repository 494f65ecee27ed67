package io.agentlog.agent.journal;

import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A small journal of its own: a chain of segments of which the last one takes records. Executions
 * are spread over the stripes, so that threads seldom claim from one counter.
 *
 * <pre>
 *  oldest -> [sealed] -> [sealed] -> [active] -> null
 * </pre>
 *
 * <p>Whoever finds the active segment full takes a spare and links it behind with one
 * compare-and-set; threads that lose the race give theirs back. A thread that stops at any point
 * leaves the chain whole.
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

  /** At or before the last segment of the chain. */
  private volatile Segment active;

  /** A spare that was taken when an error struck. */
  private volatile @Nullable Segment leftOver;

  /** Of the journal's own threads: what is before it is retired. */
  private volatile Segment oldest;

  /**
   * @param last ends the chain so far; takes nothing
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

  /** Moves on from the active segment although it is not full. */
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
        spares.giveBack(spare);
      }
      settled = true;
    } catch (UncheckedIOException e) { // Where stores are writes, and the disk refuses them.
      spares.giveBack(spare);
      settled = true;
      return null;
    } finally {
      if (!settled && !linked) { // No call from here: there may be no stack for one.
        leftOver = spare;
      }
    }
    return linked ? spare : full.next();
  }

  /** Gives back a spare that a thread took and could not use. Of the journal's own thread. */
  void takeBackLeftOver() {
    Segment spare = leftOver;
    if (spare != null) {
      leftOver = null;
      spares.giveBack(spare);
    }
  }
}

package io.agentlog.connect;

import java.util.concurrent.TimeUnit;

/**
 * The place of the judge, which one task of a fleet has at a time. Where two connectors have one
 * fleet's name by mistake, each takes it from the other, and nobody has it for long enough to
 * judge.
 *
 * <p>Not thread-safe.
 */
final class JudgeSeat {
  /** Time for which a task keeps the place before it judges; two that alternate poll far sooner. */
  static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Two losses within this time are no hand-over from one task to another. */
  static final long LOSSES_NANOS = TimeUnit.MINUTES.toNanos(10);

  private long takenNanos;
  private long lostNanos;
  private boolean isLost;

  /** Forgets losses: the partition of heartbeats may come from another task. */
  void assigned() {
    isLost = false;
  }

  void taken(long nowNanos) {
    takenNanos = nowNanos;
  }

  boolean hasSettled(long nowNanos) {
    return nowNanos - takenNanos >= SETTLE_NANOS;
  }

  /** Notes that another task has taken the place; true for the second time that follows soon. */
  boolean lost(long nowNanos) {
    boolean isAgain = isLost && nowNanos - lostNanos < LOSSES_NANOS;
    isLost = true;
    lostNanos = nowNanos;
    return isAgain;
  }
}

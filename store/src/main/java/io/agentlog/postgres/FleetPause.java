package io.agentlog.postgres;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time for which the tables of a fleet are left alone after a failure, and why. Not
 * thread-safe.
 */
final class FleetPause {
  /** Time after which tables that can't be used are tried again. */
  static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * Time after which a row that another session has locked is tried again; it doubles up to {@link
   * #RETRY_NANOS}.
   */
  static final long LOCKED_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Doublings after which the longest time is reached. */
  private static final int LOCKED_SHIFT_MAX = 4;

  private final LongSupplier nanoTime;
  private @Nullable String why;
  private long begunNanos;
  private long nanos;
  private int lockedCount;

  FleetPause(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Returns why the tables are left alone now; null if they are not. */
  @Nullable String why() {
    if (why != null && nanoTime.getAsLong() - begunNanos >= nanos) {
      why = null;
    }
    return why;
  }

  /** Begins one, because the tables can't be used. */
  void refused(String reason) {
    begin(reason, RETRY_NANOS);
  }

  /** Begins one that is longer each time, because a row is locked. */
  void locked(String reason) {
    begin(reason, Math.min(RETRY_NANOS, LOCKED_RETRY_NANOS << lockedCount));
    lockedCount = Math.min(LOCKED_SHIFT_MAX, lockedCount + 1);
  }

  /** Notes that the tables were used. */
  void used() {
    lockedCount = 0;
  }

  private void begin(String reason, long pauseNanos) {
    why = reason;
    begunNanos = nanoTime.getAsLong();
    nanos = pauseNanos;
  }
}

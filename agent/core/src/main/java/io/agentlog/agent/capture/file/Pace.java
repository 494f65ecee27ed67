package io.agentlog.agent.capture.file;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a thread to a number of bytes a second. After a rest it may hurry for {@link #BURST_NANOS}.
 * One thread.
 */
final class Pace {
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long bytesPerSecond;
  private long dueNanos = System.nanoTime();

  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Waits until this many more bytes are in order. */
  void await(int bytes) {
    long now = System.nanoTime();
    if (now - dueNanos > BURST_NANOS) {
      dueNanos = now - BURST_NANOS;
    }
    dueNanos += bytes * 1_000_000_000L / bytesPerSecond;
    for (long ahead = dueNanos - now; ahead > 0; ahead = dueNanos - System.nanoTime()) {
      LockSupport.parkNanos(this, ahead);
      Thread.interrupted(); // Or each further park would end at once.
    }
  }
}

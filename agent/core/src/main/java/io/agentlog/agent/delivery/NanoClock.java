package io.agentlog.agent.delivery;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The time of the writer's loop; a test replaces it by its own. Thread-safe. */
interface NanoClock extends LongSupplier {
  NanoClock SYSTEM =
      new NanoClock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void park(long nanos) {
          LockSupport.parkNanos(this, nanos);
        }
      };

  /** Returns the time, as {@link System#nanoTime()}. */
  long nanoTime();

  @Override
  default long getAsLong() {
    return nanoTime();
  }

  /** Waits at most {@code nanos}; may return earlier for no reason. */
  void park(long nanos);
}

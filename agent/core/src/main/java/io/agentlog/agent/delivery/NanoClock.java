package io.agentlog.agent.delivery;

import java.util.concurrent.locks.LockSupport;

/** Time as the reader loop sees it, so that a test is time itself. Thread-safe. */
interface NanoClock {
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

  /** As {@link System#nanoTime()}. */
  long nanoTime();

  /** Waits at most so long; may return at any moment. */
  void park(long nanos);
}

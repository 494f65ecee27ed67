package io.agentlog.insight.query;

/** Reads in an execution's column {@code seen} how it ended. */
final class Provisional {
  private static final int STARTED = 1;
  private static final int BY_SHUTDOWN = 8;
  private static final int BY_JOURNAL = 16;
  private static final int BY_LEASE = 32;

  private Provisional() {}

  /** Returns whether the end was written by another than the execution's own method. */
  static boolean is(int seen) {
    return (seen & (BY_SHUTDOWN | BY_JOURNAL | BY_LEASE)) != 0;
  }

  /** Returns whether events have come, but not the first. */
  static boolean isHeadless(int seen) {
    return seen != 0 && (seen & STARTED) == 0;
  }

  /** Returns who has written the end, and why; empty if the end is real or there is none. */
  static String reason(int seen) {
    if ((seen & BY_SHUTDOWN) != 0) {
      return "Its JVM shut down while it ran, so the agent ended it.";
    }
    if ((seen & BY_JOURNAL) != 0) {
      return "Its JVM died while it ran. Another JVM found the journal and ended it.";
    }
    return (seen & BY_LEASE) != 0
        ? "Its JVM was not heard of for over a minute, so another JVM ended it. The end is the time"
            + " at which the JVM was last known to live."
        : "";
  }
}

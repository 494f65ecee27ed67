package io.agentlog.insight.evaluate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Judges a window by the conditions of one kind of rules. One thread. */
interface Judge {
  /** Returns how many tests of a window share its level. */
  default int tests() {
    return 1;
  }

  /**
   * Judges.
   *
   * @param level probability below which a test says that a figure is no chance
   */
  Result judge(Duration window, Instant to, List<TimeSpan> leftOut, double level);
}

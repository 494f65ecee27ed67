package io.agentlog.insight.rollup;

import java.time.Duration;

/**
 * How much of the history a transaction takes: more after quick ones, less after slow ones, so that
 * none keeps others waiting. Not thread-safe.
 */
final class Pace {
  private static final Duration QUICK = Duration.ofMillis(300);
  private static final Duration SLOW = Duration.ofMillis(1_200);

  private final Duration min;
  private final Duration max;
  private Duration span;

  Pace(Duration min, Duration first, Duration max) {
    this.min = min;
    this.span = first;
    this.max = max;
  }

  /** Returns the time range that the next transaction takes. */
  Duration span() {
    return span;
  }

  /** Reports how long a transaction took. */
  void took(Duration time) {
    if (time.compareTo(QUICK) < 0 && span.compareTo(max) < 0) {
      span = span.multipliedBy(2);
    } else if (time.compareTo(SLOW) > 0 && span.compareTo(min) > 0) {
      span = span.dividedBy(2);
    }
  }
}

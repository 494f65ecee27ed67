package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;

/**
 * A span of time that a page shows.
 *
 * @param from its begin, which belongs to it
 * @param to its end, which does not
 */
public record Window(Instant from, Instant to) {
  public Duration length() {
    return Duration.between(from, to);
  }

  /** Returns the window of the same length before this one. */
  public Window before() {
    return new Window(from.minus(length()), from);
  }
}

package io.agentlog.insight.rules;

import java.time.Duration;

/**
 * Windows of the past to compare with.
 *
 * @param length how far back it reaches, whole days
 */
public record Baseline(Kind kind, Duration length) {
  /** Which windows of the time before are comparable. */
  public enum Kind {
    /** Those at the same hour of the day, one hour more or less. */
    SAME_HOUR,
    /** All. */
    PREVIOUS
  }
}

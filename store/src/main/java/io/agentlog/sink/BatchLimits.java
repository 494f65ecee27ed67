package io.agentlog.sink;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Limits of a batch: it goes to its sink when it reaches one of its sizes, or its age.
 *
 * @param eventsMax most events, at least 1
 * @param bytesMax bytes of the journal's records, at least 1; the last record may exceed it
 * @param linger longest wait from the first event of the batch; not negative
 */
public record BatchLimits(int eventsMax, long bytesMax, Duration linger) {
  /**
   * Limits for a sink that joins an execution's events in one write: all events of a short
   * execution fit in the wait.
   */
  public static final BatchLimits COALESCING =
      new BatchLimits(2_000, 4L << 20, Duration.ofMillis(20));

  /** Limits for a sink that writes each event by itself, and gains nothing by waiting. */
  public static final BatchLimits PROMPT = new BatchLimits(2_000, 4L << 20, Duration.ZERO);

  public BatchLimits {
    requireNonNull(linger, "linger");
    if (eventsMax < 1 || bytesMax < 1 || linger.isNegative()) {
      throw new IllegalArgumentException(
          "batch limits out of range: %s events, %s bytes, %s"
              .formatted(eventsMax, bytesMax, linger));
    }
  }
}

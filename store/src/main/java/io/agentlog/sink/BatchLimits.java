package io.agentlog.sink;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When a batch goes to its sink: full by one of its two sizes, or old enough.
 *
 * @param eventsMax at least 1
 * @param bytesMax of the journal's records, at least 1; the last record may exceed it
 * @param linger from the first event of the batch; not negative
 */
public record BatchLimits(int eventsMax, long bytesMax, Duration linger) {
  /** For a sink that makes one write of an execution's events: a short execution fits the wait. */
  public static final BatchLimits COALESCING =
      new BatchLimits(2_000, 4L << 20, Duration.ofMillis(20));

  /** For a sink that writes each event by itself, so that waiting would gain nothing. */
  public static final BatchLimits PROMPT = new BatchLimits(2_000, 4L << 20, Duration.ZERO);

  public BatchLimits {
    requireNonNull(linger, "linger");
    if (eventsMax < 1 || bytesMax < 1 || linger.isNegative()) {
      throw new IllegalArgumentException(
          "batch limits out of range: " + eventsMax + " events, " + bytesMax + " bytes, " + linger);
    }
  }
}

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

  /** A batch may take the heap divided by this, because writing it takes some times its bytes. */
  private static final int HEAP_PART = 64;

  private static final long BYTES_LEAST = 64L << 10;

  public BatchLimits {
    requireNonNull(linger, "linger");
    if (eventsMax < 1 || bytesMax < 1 || linger.isNegative()) {
      throw new IllegalArgumentException(
          "batch limits out of range: %s events, %s bytes, %s"
              .formatted(eventsMax, bytesMax, linger));
    }
  }

  /**
   * Returns these limits, with fewer bytes if the heap is small: the application's heap must not
   * run out because of a backlog.
   *
   * @param heapBytesMax as {@link Runtime#maxMemory()}
   */
  public BatchLimits within(long heapBytesMax) {
    long bytes = Math.max(BYTES_LEAST, heapBytesMax / HEAP_PART);
    return bytes < bytesMax ? new BatchLimits(eventsMax, bytes, linger) : this;
  }
}

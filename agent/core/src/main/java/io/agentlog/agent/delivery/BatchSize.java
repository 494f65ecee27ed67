package io.agentlog.agent.delivery;

import io.agentlog.sink.BatchLimits;
import java.util.List;

/**
 * How much a sink is offered at once. After an attempt that may have failed for its size, the next
 * is at most half as large, down to one event; after a delivery of that size it may be twice as
 * large again, up to the sink's limits. A size that failed while the batches grew is not tried
 * again for {@link #CEILING_NANOS}, because each such attempt may take until a time-out. Belongs to
 * the sink's thread.
 */
final class BatchSize {
  static final long CEILING_NANOS = 600_000_000_000L;

  /** Enough for one event, and for some KiB. */
  private static final int HALVINGS_MAX = 11;

  private final BatchLimits limits;
  private final NanoClock clock;

  /** The limits are divided by two to the power of this. */
  private int halvings;

  /** True if the last delivery was smaller than the present limits. */
  private boolean isGrowing;

  private int halvingsMin;
  private long halvingsMinUntilNanos;

  BatchSize(BatchLimits limits, NanoClock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  int eventsMax() {
    return Math.max(1, limits.eventsMax() >> halvings);
  }

  long bytesMax() {
    return Math.max(1, limits.bytesMax() >> halvings);
  }

  /** Returns as many of the first events as may be offered at once, at least one. */
  List<Undelivered> cut(List<Undelivered> events) {
    if (halvings == 0) {
      return events;
    }
    int count = 1;
    long bytes = events.get(0).length();
    while (count < Math.min(eventsMax(), events.size())) {
      bytes += events.get(count).length();
      if (bytes > bytesMax()) {
        break;
      }
      count++;
    }
    return count == events.size() ? events : events.subList(0, count);
  }

  /** Lets the next attempt be larger if this delivery was large for the present limits. */
  void delivered(List<Undelivered> part) {
    if (halvings == 0) {
      isGrowing = false;
      return;
    }
    long bytes = 0;
    for (Undelivered item : part) {
      bytes += item.length();
    }
    if (part.size() <= eventsMax() / 2 && bytes <= bytesMax() / 2) {
      return; // It shows nothing about larger ones.
    }
    isGrowing = false;
    boolean isLimited = halvingsMin > 0 && clock.nanoTime() - halvingsMinUntilNanos < 0;
    if (halvings > (isLimited ? halvingsMin : 0)) {
      halvings--;
      isGrowing = true;
    }
  }

  /** Makes the next attempt smaller, and what is read from the journal at once. */
  void shrink() {
    halvings = Math.min(HALVINGS_MAX, halvings + 1);
  }

  /**
   * Makes the next attempt smaller than the one that failed, which had several events.
   *
   * @return true if a smaller one was delivered just before, so that the failure is no news
   */
  boolean shrink(List<Undelivered> failed) {
    boolean wasGrowing = isGrowing;
    isGrowing = false;
    if (wasGrowing) {
      halvingsMin = halvings + 1;
      halvingsMinUntilNanos = clock.nanoTime() + CEILING_NANOS;
    }
    do {
      halvings++;
    } while (cut(failed).size() > (failed.size() + 1) / 2);
    return wasGrowing;
  }
}

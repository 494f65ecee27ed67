package io.agentlog.agent.delivery;

import io.agentlog.sink.BatchLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * Events read from the journal and not under delivery. After a failed attempt they are those of the
 * attempt, and later events are added. Belongs to the sink's thread.
 */
final class Gathering {
  /** Attempts with one event alone after which it is judged by what becomes of others. */
  static final int LONELY_FAILURES_MAX = 5;

  /** Events held in memory while the first can't be delivered alone. */
  static final int WITNESSES_MAX = 100;

  private final JournalIntake intake;
  private final BatchLimits limits;
  private final BatchSize size;
  private List<Undelivered> events = new ArrayList<>();
  private long bytes;
  private long sinceNanos;

  /** True if the events were offered before, so that they need not wait for more. */
  private boolean wasOffered;

  Gathering(JournalIntake intake, BatchLimits limits, BatchSize size) {
    this.intake = intake;
    this.limits = limits;
    this.size = size;
  }

  List<Undelivered> events() {
    return events;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  /** Time of the first event's reading, by the clock. */
  long sinceNanos() {
    return sinceNanos;
  }

  /** True if the events go now: a full batch, one that was offered before, or an old one. */
  boolean isDue(long nowNanos, long lingerNanos) {
    return !isEmpty() && (wasOffered || isFull() || nowNanos - sinceNanos >= lingerNanos);
  }

  /**
   * Reads further events, up to the limits.
   *
   * @return records taken from the journal
   */
  int fill(long nowNanos) {
    if (isFull()) {
      return 0;
    }
    int before = events.size();
    boolean isLonely = isFirstLonely();
    int eventsMax = isLonely ? WITNESSES_MAX : size.eventsMax();
    long bytesMax = isLonely ? limits.bytesMax() : size.bytesMax();
    if (before == 0) {
      sinceNanos = nowNanos;
    }
    try {
      return intake.take(events, eventsMax - before, Math.max(1, bytesMax - bytes));
    } finally { // If memory runs out on the way, some of the events are there.
      for (int i = before; i < events.size(); i++) {
        bytes += events.get(i).length();
      }
    }
  }

  /** Moves all events to a delivery, which has no parts. */
  void moveTo(Parts parts) {
    List<Undelivered> next = new ArrayList<>(); // First: memory may run out here.
    parts.add(events);
    events = next;
    bytes = 0;
    wasOffered = false;
  }

  /** Keeps the events of a failed attempt; they include the present ones. Needs no memory. */
  void putBack(List<Undelivered> again) {
    events = again;
    wasOffered = true;
    bytes = 0;
    for (int i = 0; i < again.size(); i++) {
      Undelivered item = again.get(i);
      bytes += item.length();
      item.clearSuspicion();
    }
  }

  private boolean isFull() {
    if (isFirstLonely()) {
      return events.size() >= WITNESSES_MAX || (events.size() > 1 && bytes >= limits.bytesMax());
    }
    return events.size() >= size.eventsMax() || bytes >= size.bytesMax();
  }

  private boolean isFirstLonely() {
    return !events.isEmpty() && events.get(0).lonelyFailureCount() >= LONELY_FAILURES_MAX;
  }
}

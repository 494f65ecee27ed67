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
    int taken = intake.take(events, eventsMax - before, Math.max(1, bytesMax - bytes));
    if (taken > 0 && before == 0) {
      sinceNanos = nowNanos;
    }
    for (Undelivered item : events.subList(before, events.size())) {
      bytes += item.length();
    }
    return taken;
  }

  /** Takes all events for a delivery. */
  List<Undelivered> take() {
    List<Undelivered> next = new ArrayList<>(); // First: memory may run out here.
    List<Undelivered> taken = events;
    events = next;
    bytes = 0;
    wasOffered = false;
    return taken;
  }

  /** Keeps the events of a failed attempt; they include the present ones. */
  void putBack(List<Undelivered> again) {
    events = again;
    wasOffered = true;
    bytes = 0;
    for (Undelivered item : again) {
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

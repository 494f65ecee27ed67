package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds events that were refused one after the other for the same reason, unconfirmed, until the
 * next outcome shows whether they or the sink are at fault. After a delivery or another reason the
 * events are at fault and are parked. After {@link #LENGTH_MAX} refusals, or those of a whole
 * batch, the sink is at fault and nothing is parked. A run goes on over the ends of batches, so
 * that events that come one by one are judged like those that come together. Belongs to the sink's
 * thread.
 */
final class RefusedRun {
  /** A run of this length is an outage. */
  static final int LENGTH_MAX = 100;

  private final ParkedEvents parked;
  private final JournalIntake intake;
  private final SinkCounters counters;
  private final MinuteSummary parkedLine;
  private final List<Refusal> held = new ArrayList<>();

  /** Held events of the batch that is being delivered. */
  private int heldOfBatchCount;

  private boolean heldReported;

  RefusedRun(
      ParkedEvents parked, JournalIntake intake, SinkCounters counters, MinuteSummary parkedLine) {
    this.parked = parked;
    this.intake = intake;
    this.counters = counters;
    this.parkedLine = parkedLine;
  }

  void beginBatch() {
    heldOfBatchCount = 0;
  }

  /** True if a refusal for this reason ends the run, because the held events were at fault. */
  boolean isEndedBy(String reason) {
    return !held.isEmpty() && !held.get(0).reason().equals(reason);
  }

  void add(Refusal refusal) {
    held.add(refusal);
    heldOfBatchCount++;
  }

  /** True if the refusals so far mean that the sink is at fault. */
  boolean isOutage(int batchSize, boolean batchEnded) {
    return held.size() >= LENGTH_MAX
        || (batchEnded && batchSize > 1 && heldOfBatchCount == batchSize);
  }

  int length() {
    return held.size();
  }

  /**
   * Parks the held events, because they were at fault.
   *
   * @throws IOException if they can't be parked; they are still held then
   */
  void park() throws IOException {
    if (held.isEmpty()) {
      return;
    }
    parked.park(held);
    List<Refusal> settled = List.copyOf(held);
    forget();
    counters.addParked(settled.size());
    for (Refusal refusal : settled) {
      intake.settle(refusal.item());
    }
    Refusal last = settled.get(settled.size() - 1);
    parkedLine.add(settled.size(), last.reason() + ": " + last.message());
  }

  /**
   * Logs once a run that events are held, because a quiet application may not show their fault for
   * long.
   */
  void reportHeld() {
    if (held.isEmpty() || heldReported) {
      return;
    }
    heldReported = true;
    Refusal last = held.get(held.size() - 1);
    AgentLog.warn(
        counters.sinkName(),
        "%s events refused (%s: %s); they are parked once another event is delivered, or at the stop"
            .formatted(held.size(), last.reason(), last.message()));
  }

  /** The held events, in order. */
  List<Undelivered> heldItems() {
    return held.stream().map(Refusal::item).toList();
  }

  /** Forgets the held events: they are settled, or in the batch again because of an outage. */
  void forget() {
    held.clear();
    heldOfBatchCount = 0;
    heldReported = false;
  }
}

package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Events refused one after the other for the same reason. Whose fault it is shows only with the
 * next outcome: another reason or a delivery says that it was the events', which are then parked;
 * as many as {@link #LENGTH_MAX}, or a whole batch, say that it is the sink's, and nothing is
 * parked. Until then they are held, unconfirmed; a run goes on over the ends of batches, so that
 * events that come one by one are judged like those that come together. Belongs to the sink's
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

  private boolean saidWhatIsHeld;

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

  /** True if this refusal would end the run: the events held were at fault. */
  boolean isEndedBy(String reason) {
    return !held.isEmpty() && !held.get(0).reason().equals(reason);
  }

  void add(Refusal refusal) {
    held.add(refusal);
    heldOfBatchCount++;
  }

  /** True if the sink is at fault, as far as can be told. */
  boolean isOutage(int batchSize, boolean batchEnded) {
    return held.size() >= LENGTH_MAX
        || (batchEnded && batchSize > 1 && heldOfBatchCount == batchSize);
  }

  int length() {
    return held.size();
  }

  /**
   * Parks what is held: it was at fault.
   *
   * @throws IOException if it can't be parked; it is still held then
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
   * Says, once a run, that events wait for an outcome that a quiet application may be long in
   * giving.
   */
  void sayWhatIsHeld() {
    if (held.isEmpty() || saidWhatIsHeld) {
      return;
    }
    saidWhatIsHeld = true;
    Refusal last = held.get(held.size() - 1);
    AgentLog.warn(
        counters.sinkName(),
        held.size()
            + " events refused ("
            + last.reason()
            + ": "
            + last.message()
            + "); they are parked once another event is delivered, or at the stop");
  }

  /** The held events, in order. */
  List<Undelivered> heldItems() {
    return held.stream().map(Refusal::item).toList();
  }

  /** The held events are in the batch again: the sink is at fault, or not to be reached. */
  void forget() {
    held.clear();
    heldOfBatchCount = 0;
    saidWhatIsHeld = false;
  }
}

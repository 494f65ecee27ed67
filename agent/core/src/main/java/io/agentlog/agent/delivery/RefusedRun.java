package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import io.agentlog.sink.EventRefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Holds events that were refused alone, one after the other, unconfirmed, until another event shows
 * whether they or the sink are at fault. If the sink takes another event, the held events are
 * {@linkplain #offerAgain offered once more}, because the cause may have been mended, and are
 * parked if they are refused again. If the sink takes no other event, it is at fault and nothing is
 * parked. A run goes on over the ends of batches, so that events that come one by one are judged
 * like those that come together. Belongs to the sink's thread.
 */
final class RefusedRun {
  /** Refusals in a row after which an event further on is asked for. */
  static final int LENGTH_MAX = 100;

  /** Reason of an event that the sink could not take alone. */
  static final String LONELY = "fails alone";

  private final ParkedEvents parked;
  private final JournalIntake intake;
  private final SinkCounters counters;
  private final MinuteSummary parkedLine;
  private final MinuteSummary droppedLine;
  private final List<Refusal> held = new ArrayList<>();

  /** Held events of the batch that is being delivered. */
  private int heldOfBatchCount;

  private boolean heldReported;

  RefusedRun(
      ParkedEvents parked,
      JournalIntake intake,
      SinkCounters counters,
      MinuteSummary parkedLine,
      NanoClock clock) {
    this.parked = parked;
    this.intake = intake;
    this.counters = counters;
    this.parkedLine = parkedLine;
    this.droppedLine =
        new MinuteSummary(
            clock,
            (count, last) ->
                AgentLog.warn(
                    counters.sinkName(),
                    "%s events that the sink has no place for are dropped and counted as undecodable, because %s"
                        .formatted(count, last)));
  }

  void beginBatch() {
    heldOfBatchCount = 0;
  }

  /** True if a refusal ends the run, because the backend blames data, and for another reason. */
  boolean isEndedBy(Refusal refusal) {
    return !held.isEmpty()
        && refusal.isOfData()
        && held.get(0).isOfData()
        && !held.get(0).reason().equals(refusal.reason());
  }

  void add(Refusal refusal) {
    held.add(refusal);
    counters.setHeld(held.size());
    heldOfBatchCount++;
  }

  /** True if every event of a batch, which has ended, was refused. */
  boolean isWholeBatch(int batchSize) {
    return batchSize > 1 && heldOfBatchCount == batchSize;
  }

  /** Returns why the sink is at fault; the last refusal may be one of those held. */
  String outageText(Refusal last) {
    return held.size() <= 1 && last.reason().equals(LONELY)
        ? last.message()
        : held.size() + " events in a row refused (" + last.reason() + "): " + last.message();
  }

  int length() {
    return held.size();
  }

  /** Ends the run: moves the held events in front of the parts, each marked as suspected. */
  void offerAgain(Parts parts) {
    if (held.isEmpty()) {
      return;
    }
    List<Undelivered> items = heldItems();
    items.forEach(Undelivered::suspect);
    parts.addFirst(items);
    forget(); // Only now: whenever memory runs out, they are in one place at least.
  }

  /**
   * Parks an event that is at fault.
   *
   * @throws IOException if it can't be parked
   */
  void park(Refusal refusal) throws IOException {
    park(List.of(refusal));
  }

  /**
   * Parks the held events whose data the backend blames. Others stay in the journal, because no
   * further outcome will show whether they are at fault.
   *
   * @throws IOException if they can't be parked; they are still held then
   */
  void parkAtStop() throws IOException {
    List<Refusal> ofData =
        held.stream().filter(refusal -> refusal.isOfData() && !refusal.item().isSettled()).toList();
    if (!ofData.isEmpty()) {
      park(ofData);
    }
    for (Iterator<Refusal> each = held.iterator(); each.hasNext(); ) {
      if (each.next().isOfData()) {
        each.remove();
      }
    }
    counters.setHeld(held.size());
  }

  private void park(List<Refusal> refusals) throws IOException {
    try {
      parked.park(refusals);
    } catch (IOException e) {
      throw new IOException("refused events can't be parked (" + AgentLog.describe(e) + ")", e);
    }
    for (Refusal refusal : refusals) {
      if (intake.settle(refusal.item())) {
        counters.addParked(1);
      }
    }
    Refusal last = refusals.get(refusals.size() - 1);
    parkedLine.add(refusals.size(), last.reason() + ": " + last.message());
  }

  /**
   * Parks the events of a part that the sink names, and drops those that can't be parked: the sink
   * goes on with others, so they must not wait in front of these.
   *
   * @return the other events of the part, which the sink has taken
   */
  List<Undelivered> parkNamed(List<Undelivered> part, EventRefusedException refusal) {
    Set<Event> named = Collections.newSetFromMap(new IdentityHashMap<>());
    named.addAll(refusal.refused());
    List<Refusal> refusals = new ArrayList<>();
    List<Undelivered> others = new ArrayList<>();
    for (Undelivered item : part) {
      if (!named.contains(item.event())) {
        others.add(item);
      } else if (!item.isSettled()) {
        refusals.add(new Refusal(item, refusal.reason(), Failures.messageOf(refusal), true));
      }
    }
    try {
      if (!refusals.isEmpty()) {
        park(refusals);
      }
    } catch (IOException e) {
      for (Refusal lost : refusals) {
        if (intake.settle(lost.item())) {
          counters.addLost(1);
        }
      }
      droppedLine.add(refusals.size(), Failures.messageOf(e));
    }
    return others;
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
        "%s events refused (%s: %s); they are parked if they are refused again after another event is delivered"
            .formatted(held.size(), last.reason(), last.message()));
  }

  /** The held events, in order. */
  List<Undelivered> heldItems() {
    return held.stream().map(Refusal::item).toList();
  }

  /** Forgets the held events: they are offered again. */
  void forget() {
    held.clear();
    counters.setHeld(0);
    heldOfBatchCount = 0;
    heldReported = false;
  }
}

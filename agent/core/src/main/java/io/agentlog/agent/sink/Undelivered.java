package io.agentlog.agent.sink;

import io.agentlog.agent.event.Event;
import io.agentlog.agent.journal.JournalBatch;

/**
 * An event on its way to the sink, with what must be settled once it is delivered or parked.
 *
 * @param length of its record, in bytes
 * @param source where it was read
 */
record Undelivered(Event event, int length, Source source) {
  /** A batch of the journal, confirmed when none of its records is open. One thread. */
  static final class Source {
    private final JournalBatch batch;
    private int openCount;

    Source(JournalBatch batch) {
      this.batch = batch;
      this.openCount = batch.records().size();
    }

    JournalBatch batch() {
      return batch;
    }

    /** Returns true if that was the last open record. */
    boolean settleOne() {
      return --openCount == 0;
    }
  }
}

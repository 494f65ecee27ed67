package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.event.Event;

/** An event on its way to the sink, with what must be settled once it is delivered or parked. */
final class Undelivered {
  private final Event event;
  private final byte[] record;
  private final Source source;

  /**
   * An event that was read and not delivered.
   *
   * @param record as it stood in the journal; kept, since a refused event is parked as it was
   * @param source where it was read
   */
  Undelivered(Event event, byte[] record, Source source) {
    this.event = event;
    this.record = record;
    this.source = source;
  }

  Event event() {
    return event;
  }

  /** Not to be changed. */
  byte[] record() {
    return record;
  }

  /** Of its record, in bytes. */
  int length() {
    return record.length;
  }

  Source source() {
    return source;
  }

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

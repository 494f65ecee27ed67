package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.event.Event;

/** An event on its way to the sink, with the batch of the journal that it came from. */
final class Undelivered {
  private final Event event;
  private final byte[] record;
  private final Source source;
  private boolean settled;
  private boolean suspected;
  private int lonelyFailureCount;

  /**
   * An event that was read and not delivered.
   *
   * @param record as it stood in the journal; kept, because a refused event is parked with its
   *     record
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

  /** The record, not a copy; callers must not change it. */
  byte[] record() {
    return record;
  }

  /** Length of the record, in bytes. */
  int length() {
    return record.length;
  }

  Source source() {
    return source;
  }

  /** True once the event is delivered or parked. */
  boolean isSettled() {
    return settled;
  }

  void markSettled() {
    settled = true;
  }

  /** True if it was refused while the sink took another event. */
  boolean isSuspected() {
    return suspected;
  }

  void suspect() {
    suspected = true;
  }

  void clearSuspicion() {
    suspected = false;
  }

  /** Counts an attempt that failed although the event was offered alone; returns the count. */
  int countLonelyFailure() {
    return ++lonelyFailureCount;
  }

  int lonelyFailureCount() {
    return lonelyFailureCount;
  }

  /** A batch of the journal, to be confirmed when none of its records is open. Not thread-safe. */
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

    /** True if all records but one are settled. */
    boolean isLast() {
      return openCount == 1;
    }

    void settleOne() {
      openCount--;
    }
  }
}

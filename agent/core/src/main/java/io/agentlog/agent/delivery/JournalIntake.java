package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads records and decodes them to events, and confirms a batch of the journal once each of its
 * records is settled. Belongs to the sink's thread.
 */
final class JournalIntake {
  private final JournalReader reader;
  private final RecordDecoder decoder;
  private final SinkCounters counters;
  private final MinuteSummary undecodable;

  /**
   * Records read and not decoded yet. Empty between calls, except after an error such as no memory.
   */
  private Deque<byte[]> raw = new ArrayDeque<>();

  private Undelivered.@Nullable Source rawSource;

  /** A batch that was read, until {@link #raw} has its records. */
  private @Nullable JournalBatch unopened;

  JournalIntake(
      JournalReader reader, RecordDecoder decoder, SinkCounters counters, NanoClock clock) {
    this.reader = reader;
    this.decoder = decoder;
    this.counters = counters;
    this.undecodable =
        new MinuteSummary(
            clock,
            (count, last) ->
                AgentLog.warn(
                    counters.sinkName(),
                    "%s records of the journal can't be decoded and are left out (%s); counted as undecodable"
                        .formatted(count, last)));
  }

  /**
   * Adds the next events to a batch.
   *
   * @param eventsMax most records to read, at least 1
   * @param bytesMax as for {@link JournalReader#read}
   * @return records taken from the journal, undecodable ones included
   */
  int take(List<Undelivered> batch, int eventsMax, long bytesMax) {
    undecodable.printIfDue();
    if (raw.isEmpty()) {
      JournalBatch kept = unopened;
      JournalBatch read = kept == null ? reader.read(eventsMax, bytesMax) : kept;
      if (read.isEmpty()) {
        return 0;
      }
      unopened = read;
      Undelivered.Source source = new Undelivered.Source(read);
      raw = new ArrayDeque<>(read.records());
      rawSource = source;
      unopened = null;
    }
    int takenCount = 0;
    Undelivered.Source source = rawSource;
    for (byte[] record = raw.peek(); record != null && source != null; record = raw.peek()) {
      Event event = decode(record);
      if (event == null) {
        settle(source);
        counters.addUndecodable();
      } else {
        batch.add(new Undelivered(event, record, source));
      }
      raw.remove(); // Last: if memory runs out before, the record must not be lost.
      takenCount++;
    }
    return takenCount;
  }

  /**
   * Notes that an event is delivered or parked, so that the cursor may pass it. A second call does
   * nothing. Needs no memory any more once it has noted that, so that the caller can count it.
   *
   * @return false for a second call
   */
  boolean settle(Undelivered item) {
    if (item.isSettled()) {
      return false;
    }
    settle(item.source());
    item.markSettled();
    return true;
  }

  void close() {
    reader.close();
  }

  private void settle(Undelivered.Source source) {
    if (source.isLast()) {
      reader.confirm(source.batch());
    }
    source.settleOne(); // After the confirmation, which may fail for lack of memory.
  }

  private @Nullable Event decode(byte[] record) {
    try {
      return decoder.decode(record);
    } catch (RuntimeException | StackOverflowError e) { // A damaged record may trip any check.
      undecodable.add(AgentLog.describe(e));
      return null;
    }
  }
}

package io.agentlog.connect;

import io.agentlog.event.Event;
import io.agentlog.event.EventType;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Writes the records of one poll in transactions of a limited size, and finds those that the
 * database refuses by halving. Nothing is refused for good before another event of the kind shows
 * that the event is at fault and not the table: else the records of an hour would go to the dead
 * letter queue because of one missing right.
 *
 * <p>Belongs to the task's thread. After an outage Connect gives the same records again; those that
 * were written are left out then.
 */
final class BatchLoader {
  /** Refusals in a row, with no event taken between, after which the database is at fault. */
  static final int REFUSED_MAX = 100;

  /** How long an event that was taken may be written again, to show that its table takes events. */
  static final long WITNESS_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** The tables, as {@link io.agentlog.postgres.PostgresSink#write}. */
  interface Tables {
    /** Writes events in one transaction, and returns how many rows it changed. */
    long write(List<Event> events) throws SinkUnavailableException, EventRefusedException;
  }

  /** A record that was refused, and may be at fault. */
  private record Suspected(LoadedRecord item, String message, boolean isOfData) {}

  /** An event that was taken. */
  private record Witness(Event event, long takenNanos) {}

  private final Tables tables;
  private final RefusedRecords refusedRecords;
  private final TaskCounters counters;
  private final int eventsMax;
  private final long bytesMax;
  private final LongSupplier nanoTime;

  /** Next offset that is not written, of the records that an outage interrupted. */
  private final Map<TopicPartition, Long> written = new HashMap<>();

  private final List<Suspected> suspected = new ArrayList<>();

  /** The last event of each type that was taken. */
  private final Map<EventType, Witness> witnesses = new EnumMap<>(EventType.class);

  private String refusedReason = "";
  private int refusedInARow;

  /** As {@link #refusedInARow}, without records that may come again. */
  private int refusedBefore;

  /** Most events of the next transaction: fewer after one that took too long. */
  private int sliceMax;

  BatchLoader(
      Tables tables,
      RefusedRecords refusedRecords,
      TaskCounters counters,
      int eventsMax,
      long bytesMax,
      LongSupplier nanoTime) {
    this.tables = tables;
    this.refusedRecords = refusedRecords;
    this.counters = counters;
    this.eventsMax = eventsMax;
    this.sliceMax = eventsMax;
    this.bytesMax = bytesMax;
    this.nanoTime = nanoTime;
  }

  /** Whether to go on with another transaction; false ends {@link #load} before its end. */
  @FunctionalInterface
  interface Patience {
    boolean goesOn();
  }

  /**
   * Writes records in their order, and reports those that are refused.
   *
   * @return false if {@code patience} ended it before all were written or reported; those that were
   *     are left out when all come again
   * @throws SinkUnavailableException if the database can't take them now; nothing was reported
   */
  boolean load(List<LoadedRecord> records, Patience patience) throws SinkUnavailableException {
    suspected.clear();
    if (refusedInARow < REFUSED_MAX) {
      refusedInARow = refusedBefore; // Those that come again are counted again.
    }
    int from = 0;
    while (from < records.size()) {
      int to = endOfSlice(records, from);
      List<LoadedRecord> slice = withoutWritten(records.subList(from, to));
      if (!slice.isEmpty()) {
        if (!patience.goesOn()) {
          return endEarly(records.subList(0, from));
        }
        int suspectedBefore = suspected.size();
        int countBefore = refusedInARow;
        if (!offer(slice, patience)) {
          sliceMax = half(slice.size());
          suspected.subList(suspectedBefore, suspected.size()).clear(); // They come again.
          refusedInARow = countBefore;
          return endEarly(records.subList(0, from));
        }
        noteWritten(slice);
        sliceMax = Math.min(eventsMax, 2 * sliceMax);
      }
      from = to;
    }
    judge();
    refusedBefore = refusedInARow;
    written.clear();
    return true;
  }

  /** Has the records that were offered judged, so that they are left out when all come again. */
  private boolean endEarly(List<LoadedRecord> offered) throws SinkUnavailableException {
    judge();
    refusedBefore = refusedInARow;
    noteWritten(offered);
    return false;
  }

  /** Forgets what was written of an interrupted poll: its partitions may have gone elsewhere. */
  void forget() {
    written.clear();
  }

  private int endOfSlice(List<LoadedRecord> records, int from) {
    int to = from;
    long bytes = 0;
    while (to < records.size() && to - from < sliceMax && bytes < bytesMax) {
      bytes += records.get(to).sizeBytes();
      to++;
    }
    return to;
  }

  private List<LoadedRecord> withoutWritten(List<LoadedRecord> slice) {
    if (written.isEmpty()) {
      return slice;
    }
    return slice.stream()
        .filter(item -> offset(item) >= written.getOrDefault(partition(item), -1L))
        .toList();
  }

  /** Records count as written up to the first that is suspected. */
  private void noteWritten(List<LoadedRecord> slice) {
    if (suspected.isEmpty()) {
      slice.forEach(item -> written.merge(partition(item), offset(item) + 1, Math::max));
    }
  }

  /** The partition that was read: a transformation may give records of several the same topic. */
  private static TopicPartition partition(LoadedRecord item) {
    SinkRecord record = item.record();
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }

  private static long offset(LoadedRecord item) {
    return item.record().originalKafkaOffset();
  }

  private static int half(int count) {
    return Math.max(1, count / 2);
  }

  /** Writes records, or suspects those that are refused; false if {@code patience} ended it. */
  private boolean offer(List<LoadedRecord> part, Patience patience)
      throws SinkUnavailableException {
    try {
      counters.changedRows.addAndGet(tables.write(part.stream().map(LoadedRecord::event).toList()));
    } catch (EventRefusedException e) {
      if (!e.refused().isEmpty()) { // Details, whose tables can't be written; the rest was taken.
        throw new SinkUnavailableException(
            e.getMessage() + ". Or take the topic of details out of topics", e);
      }
      if (part.size() > 1) {
        return offerHalves(part, patience);
      }
      suspect(part.get(0), e);
      return true;
    } catch (SinkUnavailableException e) {
      if (e.suspect() == Suspect.BACKEND) {
        throw e;
      }
      if (part.size() == 1) {
        throw failedAlone(part.get(0), e);
      }
      sliceMax = half(part.size());
      if (!offerHalves(part, patience)) { // Each may take as long as the driver waits.
        throw new SinkUnavailableException(String.valueOf(e.getMessage()), e, e.retryDelayMin());
      }
      return true;
    }
    refusedInARow = 0;
    long now = nanoTime.getAsLong();
    for (LoadedRecord item : part) {
      witnesses.put(item.event().type(), new Witness(item.event(), now));
    }
    counters.loadedEvents.addAndGet(part.size());
    return true;
  }

  private boolean offerHalves(List<LoadedRecord> part, Patience patience)
      throws SinkUnavailableException {
    int middle = part.size() / 2;
    return patience.goesOn()
        && offer(part.subList(0, middle), patience)
        && patience.goesOn()
        && offer(part.subList(middle, part.size()), patience);
  }

  private void suspect(LoadedRecord item, EventRefusedException e) throws SinkUnavailableException {
    String message = SettingNames.inPlaceOfAgents(String.valueOf(e.getMessage()));
    suspected.add(new Suspected(item, message, e.isOfData()));
    refusedInARow = e.reason().equals(refusedReason) ? refusedInARow + 1 : 1;
    refusedReason = e.reason();
    if (refusedInARow >= REFUSED_MAX) {
      throw new SinkUnavailableException(
          "%s events in a row refused (%s): %s".formatted(REFUSED_MAX, e.reason(), message), e);
    }
  }

  /**
   * Reports the suspected records, if all of them are at fault.
   *
   * @throws SinkUnavailableException if the database may be at fault
   */
  private void judge() throws SinkUnavailableException {
    Set<EventType> doubtful = EnumSet.noneOf(EventType.class);
    for (Suspected one : suspected) {
      if (!one.isOfData() && doubtful.add(one.item().event().type())) {
        askWitness(one);
      }
    }
    for (Suspected one : suspected) {
      SinkRecord record = one.item().record();
      refusedRecords.report(
          record,
          new RefusedRecordException(
              "%s is refused by the database: %s"
                  .formatted(RecordDecoder.place(record), one.message())));
    }
    suspected.clear();
  }

  /** Names an event as the one that can't be written only if another one is taken meanwhile. */
  private SinkUnavailableException failedAlone(LoadedRecord item, SinkUnavailableException e) {
    String place = RecordDecoder.place(item.record());
    boolean isAlone;
    try {
      isAlone = isWitnessTaken(item.event().type());
    } catch (SinkUnavailableException other) {
      isAlone = false;
    }
    String message =
        isAlone
            ? "%s can't be written, although another event is taken: %s"
                .formatted(place, e.getMessage())
            : "%s (first seen at %s)".formatted(e.getMessage(), place);
    return new SinkUnavailableException(message, e, e.retryDelayMin());
  }

  private void askWitness(Suspected one) throws SinkUnavailableException {
    if (!isWitnessTaken(one.item().event().type())) {
      throw new SinkUnavailableException(one.message(), null);
    }
  }

  /**
   * Writes an event of the same type that was taken shortly before once more, which changes
   * nothing. If it is taken again, the table takes events, and the suspected one is at fault.
   */
  private boolean isWitnessTaken(EventType type) throws SinkUnavailableException {
    Witness witness = witnesses.get(type);
    if (witness == null || nanoTime.getAsLong() - witness.takenNanos() > WITNESS_NANOS) {
      return false;
    }
    try {
      tables.write(List.of(witness.event()));
      return true;
    } catch (EventRefusedException e) {
      return false;
    }
  }
}

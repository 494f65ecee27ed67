package io.agentlog.connect;

import io.agentlog.event.EventHeader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The records of a poll by what becomes of them.
 *
 * @param events to be loaded
 * @param broken those that nobody can read, each with the reason
 * @param tooOld events that retention would remove at once
 * @param tombstoneCount records without a value
 */
record DecodedRecords(
    List<LoadedRecord> events, List<Broken> broken, List<SinkRecord> tooOld, int tombstoneCount) {

  /** A record that is refused. */
  record Broken(SinkRecord record, RefusedRecordException reason) {}

  /**
   * Reads the records. Heartbeats are checked alone.
   *
   * @param isHeartbeat true for a record of the topic of heartbeats
   * @param oldestMillis events that happened, and came to Kafka, before this time are too old
   * @param known gets the topic of each record that could be read
   * @throws ConnectException if the worker's converter has made another type of a value
   */
  static DecodedRecords of(
      Collection<SinkRecord> records,
      Predicate<SinkRecord> isHeartbeat,
      long oldestMillis,
      Consumer<String> known) {
    List<LoadedRecord> events = new ArrayList<>(records.size());
    List<Broken> broken = new ArrayList<>();
    List<SinkRecord> tooOld = new ArrayList<>();
    int tombstoneCount = 0;
    for (SinkRecord record : records) {
      try {
        if (isHeartbeat.test(record)) {
          if (RecordDecoder.heartbeat(record) != null) {
            known.accept(record.originalTopic());
          }
          continue;
        }
        LoadedRecord item = RecordDecoder.decode(record);
        if (item == null) {
          tombstoneCount++;
          continue;
        }
        known.accept(record.originalTopic());
        if (isBefore(oldestMillis, item)) {
          tooOld.add(record);
        } else {
          events.add(item);
        }
      } catch (RefusedRecordException e) {
        broken.add(new Broken(record, e));
      }
    }
    return new DecodedRecords(events, broken, tooOld, tombstoneCount);
  }

  /**
   * True for an event that happened, and came to Kafka, before a time. As in the database's
   * retention, neither suffices: an execution may have begun long ago and end only now, and the
   * clock of a JVM may be far behind.
   */
  private static boolean isBefore(long millis, LoadedRecord item) {
    EventHeader header = item.event().header();
    long happenedMillis =
        TimeUnit.MICROSECONDS.toMillis(header.startedAtMicros() + header.elapsedMicros());
    Long cameMillis = item.record().timestamp();
    return happenedMillis < millis && (cameMillis == null || cameMillis < millis);
  }
}

package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.event.Event;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** Reads events from the values of records. Stateless. */
final class RecordDecoder {
  private RecordDecoder() {}

  /**
   * Reads a record's event.
   *
   * @return null for a tombstone, which has no event
   * @throws RefusedRecordException if the value is no event that this version can read
   * @throws ConnectException if the worker's converter has made another type of it
   */
  static @Nullable LoadedRecord decode(SinkRecord record) throws RefusedRecordException {
    byte[] value = bytes(record);
    if (value == null) {
      return null;
    }
    try {
      Event event = EventJsonReader.read(value);
      return new LoadedRecord(record, event, value.length);
    } catch (BrokenLineException e) {
      throw new RefusedRecordException(
          "%s is no event that agentlog %s can read: %s"
              .formatted(place(record), ConnectorVersion.text(), e.getMessage()));
    }
  }

  /** Names a record for people: topic, partition and offset. */
  static String place(SinkRecord record) {
    return "%s-%s offset %s"
        .formatted(record.topic(), record.kafkaPartition(), record.kafkaOffset());
  }

  private static byte @Nullable [] bytes(SinkRecord record) {
    Object value = record.value();
    if (value == null) {
      return null;
    }
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (value instanceof String text) {
      return text.getBytes(UTF_8);
    }
    throw new ConnectException(
        "%s comes as %s: set %s=%s and no transformation that changes the value"
            .formatted(
                place(record),
                value.getClass().getSimpleName(),
                ConnectorConfig.VALUE_CONVERTER,
                ConnectorConfig.BYTES_CONVERTER));
  }
}

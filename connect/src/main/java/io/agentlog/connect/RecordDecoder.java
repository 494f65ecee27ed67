package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.event.Event;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import io.agentlog.json.JsonReader;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** Reads events, and heartbeats, from the values of records. Stateless. */
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
          isHeartbeat(value)
              ? "%s is a heartbeat: name its topic in %s, and in %s among others"
                  .formatted(place(record), ConnectorConfig.INSTANCES_TOPIC, ConnectorTopics.TOPICS)
              : "%s is no event that agentlog %s can read: %s"
                  .formatted(place(record), ConnectorVersion.text(), e.getMessage()));
    }
  }

  private static boolean isHeartbeat(byte[] value) {
    try {
      return Heartbeat.isHeartbeat(JsonReader.parse(value));
    } catch (BrokenLineException e) {
      return false;
    }
  }

  /**
   * Reads a record of the topic of heartbeats.
   *
   * @return null for a tombstone, which is none
   * @throws RefusedRecordException if the value is no heartbeat that this version can read
   * @throws ConnectException if the worker's converter has made another type of it
   */
  static @Nullable Heartbeat heartbeat(SinkRecord record) throws RefusedRecordException {
    byte[] value = bytes(record);
    if (value == null) {
      return null;
    }
    try {
      return Heartbeat.read(value);
    } catch (BrokenLineException e) {
      throw new RefusedRecordException(
          "%s is no heartbeat (%s): %s has to name a topic that has heartbeats alone"
              .formatted(place(record), e.getMessage(), ConnectorConfig.INSTANCES_TOPIC));
    }
  }

  /** Names a record for people: topic, partition and offset that it was read from. */
  static String place(SinkRecord record) {
    return "%s-%s offset %s"
        .formatted(
            record.originalTopic(), record.originalKafkaPartition(), record.originalKafkaOffset());
  }

  /** Size of a record in Kafka, without what little is the same for all. */
  static long sizeBytes(SinkRecord record) {
    byte[] value = bytes(record);
    long size = value == null ? 0 : value.length;
    size += record.key() == null ? 0 : textSize(record.key());
    for (Header header : record.headers()) {
      size += textSize(header.key()) + (header.value() == null ? 0 : textSize(header.value()));
    }
    return size;
  }

  private static long textSize(Object value) {
    return value instanceof byte[] bytes ? bytes.length : value.toString().getBytes(UTF_8).length;
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

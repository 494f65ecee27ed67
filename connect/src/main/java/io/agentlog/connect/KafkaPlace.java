package io.agentlog.connect;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** Where a record is on Kafka, whatever name a transformation has given its topic. */
final class KafkaPlace {
  private KafkaPlace() {}

  static TopicPartition of(SinkRecord record) {
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }

  static long offset(SinkRecord record) {
    return record.originalKafkaOffset();
  }

  /** Returns the broker's time of a record in milliseconds; null if it has a JVM's. */
  static @Nullable Long brokersTime(SinkRecord record) {
    return record.timestampType() == TimestampType.LOG_APPEND_TIME ? record.timestamp() : null;
  }
}

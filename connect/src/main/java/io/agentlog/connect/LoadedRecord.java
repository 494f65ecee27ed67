package io.agentlog.connect;

import io.agentlog.event.Event;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A record with the event that it holds.
 *
 * @param sizeBytes of its value
 */
record LoadedRecord(SinkRecord record, Event event, int sizeBytes) {}

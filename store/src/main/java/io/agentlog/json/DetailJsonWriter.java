package io.agentlog.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.agentlog.event.Event;
import java.io.IOException;

/** The part of {@link EventJsonWriter} for events that tell details. Thread-safe. */
final class DetailJsonWriter {
  private DetailJsonWriter() {}

  /** Writes the fields after the header. */
  static void write(JsonGenerator json, Event event, boolean withTexts) throws IOException {
    throw new IOException("not yet");
  }
}

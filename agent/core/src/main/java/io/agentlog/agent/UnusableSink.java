package io.agentlog.agent;

import io.agentlog.event.Event;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import java.util.List;

/**
 * Stands for a sink that can't start in this JVM, such as PostgreSQL in an image without {@code
 * java.sql}. Every write fails as in an outage.
 */
record UnusableSink(String name, String fingerprint, String reason) implements Sink {
  @Override
  public String target() {
    return "not usable in this JVM";
  }

  @Override
  public void write(List<Event> events) throws SinkUnavailableException {
    throw new SinkUnavailableException(reason, null);
  }

  @Override
  public void close() {}
}

package io.agentlog.event;

import java.util.Arrays;
import java.util.Map;
import java.util.UUID;

/** Records that the agent itself writes about executions that run, as {@link Wire} draws them. */
public final class RunningRecords {
  private RunningRecords() {}

  /**
   * A note that an execution still runs: a started event's header, with the time of its last event
   * as the elapsed one, and nothing behind it. For {@link EventDecoder#summary} alone.
   */
  public static byte[] note(EventHeader header) {
    return bytes(begin(EventType.STARTED, header));
  }

  /** A provisional end. */
  public static byte[] end(Event.Completed end) {
    return bytes(
        begin(EventType.COMPLETED, end.header())
            .putByte(end.status().code())
            .putByte(end.end().bit())
            .putDouble(Double.NaN)
            .putText(end.errorType(), Integer.MAX_VALUE)
            .putText(end.errorMessage(), Integer.MAX_VALUE)
            .putValue(Map.of()));
  }

  private static EventBuffer begin(EventType type, EventHeader header) {
    UUID id = header.executionId();
    String correlation = header.correlation().raw();
    String session = header.session().raw();
    return new EventBuffer()
        .begin(
            type,
            id.getMostSignificantBits(),
            id.getLeastSignificantBits(),
            header.seq(),
            header.startedAtMicros(),
            header.elapsedNanos())
        .putText(header.agentName(), Integer.MAX_VALUE)
        .putIdentifier(correlation == null ? header.correlation().id() : correlation)
        .putIdentifier(session == null ? header.session().id() : session);
  }

  private static byte[] bytes(EventBuffer buffer) {
    return Arrays.copyOf(buffer.head(), buffer.headLength());
  }
}

package io.agentlog.event;

import java.util.Arrays;
import java.util.Map;
import java.util.UUID;

/** Makes the records that the agent writes about running executions, as {@link Wire} draws them. */
public final class RunningRecords {
  private RunningRecords() {}

  /**
   * A note that an execution still runs: only a started event's header, whose elapsed time is that
   * of the last event. For {@link EventDecoder#summary} alone.
   */
  public static byte[] note(EventHeader header) {
    return bytes(begin(EventType.STARTED, header));
  }

  /** A provisional end. */
  public static byte[] end(Event.Completed end) {
    EventEncoder encoder = begin(EventType.COMPLETED, end.header());
    encoder.completed(
        end.status(), end.end(), Double.NaN, end.errorType(), end.errorMessage(), Map.of());
    return bytes(encoder);
  }

  private static EventEncoder begin(EventType type, EventHeader header) {
    UUID id = header.executionId();
    String correlation = header.correlation().raw();
    String session = header.session().raw();
    return new EventEncoder(Integer.MAX_VALUE, Integer.MAX_VALUE)
        .begin(
            type,
            id.getMostSignificantBits(),
            id.getLeastSignificantBits(),
            header.seq(),
            header.startedAtMicros(),
            header.elapsedNanos(),
            EventBuffer.encodedText(header.agentName(), Integer.MAX_VALUE),
            correlation == null ? header.correlation().id() : correlation,
            session == null ? header.session().id() : session);
  }

  private static byte[] bytes(EventEncoder encoder) {
    return Arrays.copyOf(encoder.buffer().head(), encoder.buffer().headLength());
  }
}

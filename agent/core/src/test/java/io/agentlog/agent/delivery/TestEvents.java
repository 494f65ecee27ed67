package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.journal.Journal;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.EventEncoder;
import io.agentlog.event.EventHeader;
import io.agentlog.event.EventSummary;
import io.agentlog.event.EventType;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import java.util.Map;
import java.util.UUID;

/** Events whose record is a text: {@code p:5} is a progress event with the stage {@code p:5}. */
final class TestEvents {
  private static final byte[] NOTHING = {};
  private static final Identifier ID = Identifier.of(new UUID(7, 7));

  private TestEvents() {}

  static void append(Journal journal, String... texts) {
    for (String text : texts) {
      byte[] bytes = text.getBytes(UTF_8);
      if (!journal.append(0, true, bytes, bytes.length, NOTHING, 0)) {
        throw new AssertionError("journal dropped " + text + ": " + journal.dropped());
      }
    }
  }

  /** {@code started:ID:ELAPSED}, {@code completed:ID:ELAPSED}, {@code damaged}, else a stage. */
  static EventSummary summary(byte[] record) {
    Event event = decode(record);
    return new EventSummary(event.type(), event.header());
  }

  static Event decode(byte[] record) {
    String text = new String(record, UTF_8);
    if (text.startsWith("damaged")) {
      throw new IllegalArgumentException("record is " + text);
    }
    String[] fields = text.split(":");
    if (text.startsWith("started")) {
      return new Event.Started(
          header(fields),
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          Map.of());
    }
    if (text.startsWith("completed")) {
      return new Event.Completed(
          header(fields), Status.SUCCESS, End.COMPLETED, null, null, null, Map.of());
    }
    EventHeader header =
        text.startsWith("stage") ? header(fields) : header(new String[] {"", "1", "0"});
    return new Event.Progress(header, text, null, Map.of(), Map.of());
  }

  static String textOf(Event event) {
    return event instanceof Event.Progress progress ? progress.stage() : event.type().wireName();
  }

  static UUID executionId(int number) {
    return new UUID(0, number);
  }

  private static EventHeader header(String[] fields) {
    return new EventHeader(
        executionId(Integer.parseInt(fields[1])),
        1,
        1_000_000L,
        Long.parseLong(fields[2]),
        "router",
        ID,
        ID,
        new UUID(9, 9));
  }

  /** Returns the record of an end, as the agent writes it: nothing of its execution is left. */
  static byte[] encodedEnd() {
    EventEncoder encoder = begin(EventType.COMPLETED);
    encoder.completed(Status.SUCCESS, End.COMPLETED, Double.NaN, null, null, Map.of());
    return recordOf(encoder);
  }

  /** Returns the record of a stage, as the agent writes it. */
  static byte[] encodedProgress(String stage) {
    EventEncoder encoder = begin(EventType.PROGRESS);
    encoder.progress(40, stage, Map.of("own", 1L), Map.of("tenant", "acme"));
    return recordOf(encoder);
  }

  private static EventEncoder begin(EventType type) {
    return new EventEncoder(1_000, 1_000)
        .begin(
            type,
            0x019a_0000_0000_7000L,
            Long.MIN_VALUE,
            2,
            1_000_000,
            5_000,
            EventBuffer.encodedText("router", 1_000),
            new UUID(7, 7),
            null);
  }

  private static byte[] recordOf(EventEncoder encoder) {
    EventBuffer buffer = encoder.buffer();
    byte[] record = new byte[buffer.headLength() + buffer.tailLength()];
    System.arraycopy(buffer.head(), 0, record, 0, buffer.headLength());
    System.arraycopy(buffer.tail(), 0, record, buffer.headLength(), buffer.tailLength());
    return record;
  }
}

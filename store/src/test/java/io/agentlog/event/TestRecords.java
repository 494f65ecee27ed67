package io.agentlog.event;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/** Makes records of one execution, as the capture does, and reads bytes that are drawn. */
final class TestRecords {
  static final UUID EXECUTION = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
  static final UUID INSTANCE = UUID.fromString("00000000-0000-4000-8000-000000000001");
  static final int SEQ = 7;
  static final long STARTED_AT_MICROS = 1_700_000_000_123_456L;
  static final long ELAPSED_NANOS = 1_500_000_999;

  /** A decoder that adds no defaults of the JVM but the instance. */
  static final EventDecoder DECODER =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));

  private static final int VALUE_BYTES_MAX = 100;
  private static final int PROMPT_BYTES_MAX = 200;

  private TestRecords() {}

  /** The header of all records made here. */
  static EventHeader header() {
    return new EventHeader(
        EXECUTION,
        SEQ,
        STARTED_AT_MICROS,
        ELAPSED_NANOS,
        "router",
        Identifier.of("T-1"),
        Identifier.of(INSTANCE),
        INSTANCE);
  }

  /** Begins an event of agent "router" and correlation "T-1", in the JVM's session. */
  static EventEncoder begin(EventType type) {
    return begin(new EventEncoder(VALUE_BYTES_MAX, PROMPT_BYTES_MAX), type, EXECUTION);
  }

  /** The same with an encoder that may hold another event, for any execution. */
  static EventEncoder begin(EventEncoder encoder, EventType type, UUID execution) {
    return encoder.begin(
        type,
        execution.getMostSignificantBits(),
        execution.getLeastSignificantBits(),
        SEQ,
        STARTED_AT_MICROS,
        ELAPSED_NANOS,
        EventBuffer.encodedText("router", VALUE_BYTES_MAX),
        "T-1",
        null);
  }

  /** The record as the journal keeps it: head, then tail. */
  static byte[] bytes(EventEncoder encoder) {
    return bytes(encoder.buffer());
  }

  /** The record as the journal keeps it: head, then tail. */
  static byte[] bytes(EventBuffer buffer) {
    byte[] bytes = Arrays.copyOf(buffer.head(), buffer.headLength() + buffer.tailLength());
    System.arraycopy(buffer.tail(), 0, bytes, buffer.headLength(), buffer.tailLength());
    return bytes;
  }

  /** Decodes what an encoder holds. */
  static Event decoded(EventEncoder encoder) {
    return DECODER.decode(bytes(encoder));
  }

  /** Reads hexadecimal digits; blanks, and all from {@code #} to the end of a line, don't count. */
  static byte[] drawn(String text) {
    return HexFormat.of().parseHex(text.replaceAll("#.*|\\s", ""));
  }
}

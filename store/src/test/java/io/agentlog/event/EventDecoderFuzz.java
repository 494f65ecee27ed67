package io.agentlog.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A fuzzer's target: whatever a record of a journal holds, it is decoded, or refused as it is said
 * to be.
 */
public final class EventDecoderFuzz {
  private static final EventDecoder DECODER =
      new EventDecoder(new InstanceFacts(new UUID(1, 2), "/work", "router", null, null));

  private EventDecoderFuzz() {}

  /** Called by the fuzzer, over and over. */
  public static void fuzzerTestOneInput(byte[] input) {
    Event event = null;
    try {
      event = DECODER.decode(input);
    } catch (IllegalArgumentException e) {
      // Refused.
    }
    try {
      EventSummary summary = DECODER.summary(input);
      if (event != null && !summary.header().equals(event.header())) {
        throw new AssertionError("%s is not of %s".formatted(summary, event));
      }
    } catch (IllegalArgumentException e) {
      if (event != null) {
        throw new AssertionError("decoded, but without a summary: " + event, e);
      }
    }
  }

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    EventBuffer buffer = header(EventType.STARTED).putIdentifier(new UUID(3, 4));
    for (String text : List.of("/work", "project", "claude", "term", "trace", "span")) {
      buffer.putText(text, 100);
    }
    buffer.putValue(Map.of("k", List.of(1L, "two", 0.5))).putInt(-1);
    seeds.add(bytes(buffer.putLastText("a prompt", 100)));
    seeds.add(
        bytes(
            header(EventType.PROGRESS)
                .putInt(50)
                .putText("stage", 99)
                .putValue(Map.of("k", List.of(1L, "two")))
                .putValue(Map.of())));
    seeds.addAll(DetailDecoderTest.records());
    for (EventType type : EventType.values()) {
      seeds.add(bytes(header(type).putInt(1).putText("x", 10).putValue(Map.of())));
    }
    return seeds;
  }

  private static EventBuffer header(EventType type) {
    return new EventBuffer()
        .begin(type, 1, 2, 1, 1_700_000_000_000_000L, 0)
        .putText("router", 100)
        .putIdentifier("T-1")
        .putIdentifier(null);
  }

  private static byte[] bytes(EventBuffer buffer) {
    byte[] bytes = Arrays.copyOf(buffer.head(), buffer.headLength() + buffer.tailLength());
    System.arraycopy(buffer.tail(), 0, bytes, buffer.headLength(), buffer.tailLength());
    return bytes;
  }
}

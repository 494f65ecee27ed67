package io.agentlog.agent.delivery;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.EventEncoder;
import io.agentlog.event.EventType;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.FileOperationValues;
import io.agentlog.event.InstanceFacts;
import io.agentlog.event.IntelligenceValues;
import io.agentlog.event.KeptText;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.Status;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.Map;
import java.util.UUID;

/** Records of one execution with details, as the capture writes them. */
final class DetailRecords {
  static final EventDecoder DECODER =
      new EventDecoder(new InstanceFacts(new UUID(9, 9), null, null, null, null));

  /** Stands in no record: the policy withholds the texts that it would be in. */
  static final String CANARY = "canary-4711";

  private static final UUID ID = UUID.fromString("019b7cde-0a6c-7b02-bd55-1c2d3e4f5a6b");
  private static final String HASH = "ab".repeat(32);

  private DetailRecords() {}

  static byte[] started(int seq) {
    EventEncoder encoder = begin(EventType.STARTED, seq);
    encoder
        .noParent()
        .started(Event.Kind.METHOD, null, null, null, null, Map.of())
        .withheldPrompt(CANARY.length(), null);
    return recordOf(encoder);
  }

  static byte[] prompt(int seq) {
    EventEncoder encoder = begin(EventType.PROMPT, seq);
    encoder.prompt(ID, new KeptText("prompt", null, -1), new KeptText("rules", null, -1), Map.of());
    return recordOf(encoder);
  }

  static byte[] withheldPrompt(int seq) {
    EventEncoder encoder = begin(EventType.PROMPT, seq);
    KeptText withheld = new KeptText(null, null, CANARY.length());
    encoder.prompt(ID, withheld, withheld, Map.of());
    return recordOf(encoder);
  }

  static byte[] fileOperation(int seq) {
    EventEncoder encoder = begin(EventType.FILE_OPERATION, seq);
    encoder.fileOperation(
        ID,
        new FileOperationValues(
            FileOperationType.READ,
            "/srv/a",
            null,
            1,
            1,
            0,
            5,
            null,
            null,
            true,
            null,
            null,
            Map.of(),
            Map.of()));
    return recordOf(encoder);
  }

  static byte[] fileHash(int seq) {
    EventEncoder encoder = begin(EventType.FILE_HASH, seq);
    encoder.fileHash(ID, 1, null, HASH, Map.of());
    return recordOf(encoder);
  }

  static byte[] intelligence(int seq) {
    EventEncoder encoder = begin(EventType.INTELLIGENCE_USAGE, seq);
    encoder.intelligence(
        ID,
        new IntelligenceValues(
            "pattern",
            "qdrant",
            "7",
            "name",
            null,
            null,
            Double.NaN,
            null,
            null,
            -1,
            0,
            null,
            null,
            Double.NaN,
            Map.of()));
    return recordOf(encoder);
  }

  /** The call after which the execution has used {@code input} tokens of input. */
  static byte[] modelCall(int seq, long input) {
    EventEncoder encoder = begin(EventType.MODEL_CALL, seq);
    TokenCounts tokens = new TokenCounts(input, 1L, null, null, null);
    encoder.modelCall(
        null,
        new ModelCallValues(
            "langchain4j",
            null,
            "m-1",
            "m-1",
            false,
            5,
            -1,
            tokens,
            null,
            null,
            null,
            null,
            null,
            null,
            new UsageTotals("m-1", seq, 0, tokens, null, null),
            Map.of()));
    return recordOf(encoder);
  }

  static byte[] completed(int seq) {
    EventEncoder encoder = begin(EventType.COMPLETED, seq);
    encoder.completed(Status.SUCCESS, End.COMPLETED, Double.NaN, null, null, Map.of());
    return recordOf(encoder);
  }

  private static EventEncoder begin(EventType type, int seq) {
    return new EventEncoder(8_192, 65_536)
        .begin(
            type,
            0x019a_0000_0000_7000L,
            Long.MIN_VALUE,
            seq,
            1_000_000,
            5_000L * seq,
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

package io.agentlog.event;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Events of one execution, the same in every run; {@code docs/events/README.md} shows them. */
public final class SampleEvents {
  public static final UUID EXECUTION = UUID.fromString("019b7cde-0a63-7b41-9d52-3f6c8e21a7b0");
  public static final UUID DETAILED = UUID.fromString("019b7cde-0b10-7c55-8e21-94d3f0a6b7c8");
  static final UUID INSTANCE = UUID.fromString("019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11");
  private static final UUID DECISION = UUID.fromString("019b7cde-0a71-7c3e-a2d4-77b0c1e95f02");

  private static final UUID OPERATION = UUID.fromString("019b7cde-0a6c-7b02-bd55-1c2d3e4f5a6b");

  /** SHA-256 of the prompt of {@link #documented()}. */
  private static final String HASH =
      "118d8a865f292ec7874119dc94ebb87e0d7a9208dacb49adb0c62bbb1d8d1439";

  /** 2026-01-02T03:04:05.123456Z. */
  private static final long STARTED_AT_MICROS = 1_767_323_045_123_456L;

  private SampleEvents() {}

  /** The events of the documentation, details last. */
  public static List<Event> documented() {
    return Stream.of(executions(), details(), List.<Event>of(modelCall()))
        .flatMap(List::stream)
        .toList();
  }

  /** The four events that an execution's row is made of. */
  public static List<Event> executions() {
    return List.of(
        started(header(1, 0), "Which invoices are overdue?"),
        routingDecision("Which invoices are overdue?"),
        new Event.Progress(
            header(3, 20_500_000),
            "retrieval",
            40,
            Map.of("documents", 12),
            Map.of("tenant", "acme")),
        completed());
  }

  /** One event of each type that tells a detail, of another execution; no call of a model. */
  public static List<Event> details() {
    return List.of(
        prompt("Which invoices are overdue?", "You answer from the ledger alone."),
        new Event.FileOperation(
            header(DETAILED, 3, 9_000_000),
            OPERATION,
            FileOperationType.EDIT,
            "/srv/invoices/ledger.csv",
            "6c3a6f8f3a1f5d5c1d5b0a2f4f2b7c9d1e8f60718293a4b5c6d7e8f901234567",
            2_048L,
            1_024L,
            2_048L,
            "0".repeat(64),
            "tool:ledger",
            true,
            null,
            null,
            1_750L,
            Map.of("append", false),
            Map.of("count", 2L)),
        fileHash(header(DETAILED, 3, 9_000_000), OPERATION),
        new Event.IntelligenceUsage(
            header(DETAILED, 4, 11_000_000),
            UUID.fromString("019b7cde-0a76-7d24-90ab-6f0e1d2c3b4a"),
            "pattern",
            "qdrant",
            Identifier.of("invoice-pattern-12"),
            "overdue invoices",
            "patterns",
            "retrieval",
            0.875,
            "An invoice is overdue once",
            "overdue invoices",
            4_200L,
            1,
            true,
            true,
            0.25,
            Map.of()));
  }

  /** A call of a model, the second of its execution. */
  public static Event.ModelCall modelCall() {
    return new Event.ModelCall(
        header(DETAILED, 6, 2_409_000_000L),
        UUID.fromString("019b7cde-0a60-7d15-b3f8-0c9a1e5d7b24"),
        new ModelCallValues(
            "langchain4j",
            "anthropic",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
            true,
            1_204_500,
            310_250,
            new TokenCounts(2_100L, 180L, 1_800L, 0L, null),
            "stop",
            null,
            null,
            4_140_000L,
            "USD",
            "2026-01",
            totals(),
            Map.of()));
  }

  private static UsageTotals totals() {
    return new UsageTotals(
        "claude-sonnet-4-5-20250929",
        2,
        1,
        new TokenCounts(3_912L, 252L, 1_800L, 1_812L, null),
        12_015_000L,
        "USD");
  }

  public static Event prompt(String prompt, String instructions) {
    return new Event.Prompt(
        header(DETAILED, 2, 1_000_000),
        UUID.fromString("019b7cde-0a64-7f10-8d11-2a3b4c5d6e7f"),
        prompt,
        prompt.codePointCount(0, prompt.length()),
        HASH,
        instructions,
        instructions.codePointCount(0, instructions.length()),
        "d".repeat(64),
        Map.of());
  }

  public static Event fileHash(EventHeader header, UUID operationId) {
    return new Event.FileHash(
        header, operationId, "0".repeat(64), "a".repeat(64), 2_048L, Map.of("mtime_kept", true));
  }

  public static EventHeader header(int seq, long elapsedNanos) {
    return header(EXECUTION, seq, elapsedNanos);
  }

  public static EventHeader header(UUID executionId, int seq, long elapsedNanos) {
    return new EventHeader(
        executionId,
        seq,
        STARTED_AT_MICROS,
        elapsedNanos,
        "invoice-agent",
        Identifier.of("order-4711"),
        Identifier.of("4f1c2d3e-5b6a-4789-8abc-def012345678"),
        INSTANCE);
  }

  public static Event started(EventHeader header, String prompt) {
    return new Event.Started(
        header,
        Event.Kind.METHOD,
        prompt,
        prompt == null ? null : prompt.codePointCount(0, prompt.length()),
        prompt == null ? null : HASH,
        "/srv/invoices",
        "invoices",
        null,
        null,
        UUID.fromString("019b7cde-0a60-7d15-b3f8-0c9a1e5d7b24"),
        null,
        null,
        null,
        Map.of("tenant", "acme"));
  }

  public static Event progress(EventHeader header, String stage) {
    return new Event.Progress(header, stage, null, Map.of(), Map.of());
  }

  public static Event routingDecision(String request) {
    return new Event.RoutingDecision(
        header(2, 3_250_000),
        DECISION,
        request,
        HASH,
        "invoice-agent",
        0.875,
        "weighted_fuzzy",
        0.9,
        0.8,
        1.0,
        0.75,
        List.of(Map.of("agent", "report-agent", "confidence", 0.5)),
        "two triggers match",
        3,
        false);
  }

  public static Event completed() {
    return new Event.Completed(
        header(4, 41_250_999),
        Status.SUCCESS,
        End.COMPLETED,
        null,
        null,
        0.92,
        Map.of("tenant", "acme"),
        41_250L,
        totals());
  }

  public static Event shutDown(long elapsedNanos) {
    return new Event.Completed(
        header(4, elapsedNanos),
        Status.CANCELLED,
        End.SHUT_DOWN,
        End.SHUT_DOWN.errorType(),
        End.SHUT_DOWN.errorMessage(),
        null,
        Map.of());
  }
}

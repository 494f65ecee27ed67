package io.agentlog.event;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Events of one execution, the same in every run; {@code docs/events/README.md} shows them. */
public final class SampleEvents {
  public static final UUID EXECUTION = UUID.fromString("019b7cde-0a63-7b41-9d52-3f6c8e21a7b0");
  static final UUID INSTANCE = UUID.fromString("019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11");
  private static final UUID DECISION = UUID.fromString("019b7cde-0a71-7c3e-a2d4-77b0c1e95f02");

  /** SHA-256 of the prompt of {@link #documented()}. */
  private static final String HASH =
      "118d8a865f292ec7874119dc94ebb87e0d7a9208dacb49adb0c62bbb1d8d1439";

  /** 2026-01-02T03:04:05.123456Z. */
  private static final long STARTED_AT_MICROS = 1_767_323_045_123_456L;

  private SampleEvents() {}

  /** The four events of the documentation. */
  public static List<Event> documented() {
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
        Map.of("tenant", "acme"));
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

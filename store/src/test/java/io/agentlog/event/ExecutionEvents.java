package io.agentlog.event;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Every kind of event that one execution can have, as the capture makes them, and more than one of
 * those that can differ: three progresses, two abandoned ends, two decisions. What the execution
 * has used comes with the second progress, a call of a model after it, and a successful end.
 */
public final class ExecutionEvents {
  public static final UUID INSTANCE = UUID.fromString("019a0000-0000-7000-8000-0000000000ff");
  public static final long STARTED_AT_MICROS = 1_790_000_000_123_456L;

  /** PostgreSQL takes the first for the smaller, a signed comparison the second. */
  public static final UUID DECISION_1 = UUID.fromString("7f000000-0000-7000-8000-000000000001");

  public static final UUID DECISION_2 = UUID.fromString("8f000000-0000-7000-8000-000000000002");

  public static final UUID ROOT = UUID.fromString("019a0000-0000-7000-8000-00000000bbbb");

  private final UUID executionId;
  private final boolean failed;

  /**
   * The events of an execution.
   *
   * @param failed true if the method threw
   */
  public ExecutionEvents(UUID executionId, boolean failed) {
    this.executionId = executionId;
    this.failed = failed;
  }

  /** All but details; a subset in any order is a history. */
  public List<Event> all() {
    return List.of(
        started(),
        progress(1),
        progress(2),
        progress(3),
        completed(),
        end(End.SHUT_DOWN, 12, 700_000),
        end(End.ABANDONED, 13, 800_000),
        end(End.ABANDONED, 14, 650_000),
        decision(DECISION_1, 7),
        decision(DECISION_2, 8));
  }

  /** The same with a detail that its row shows: a call of a model. */
  public List<Event> withModelCall() {
    List<Event> all = new ArrayList<>(all());
    all.add(modelCall());
    return all;
  }

  /** Carries a text as correlation ID that is no UUID, and a key that later events change. */
  public Event.Started started() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("from_annotation", List.of("a", 1, 0.5));
    metadata.put("user_prompt_truncated", true);
    metadata.put("last", "S");
    return new Event.Started(
        header(1, 0),
        Event.Kind.METHOD,
        "'); DROP TABLE agent_execution_logs; --\n{\"a\": \"\\\\{},\"}", // Faults 76 and 77
        4_711,
        "ab".repeat(32),
        "/srv/app",
        "app",
        null,
        "term-1",
        UUID.fromString("019a0000-0000-7000-8000-00000000aaaa"),
        ROOT,
        "0af7651916cd43dd8448eb211c80319c",
        null,
        metadata);
  }

  /** The n-th progress, from 1, with the complete map so far. */
  public Event.Progress progress(int n) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (int i = 1; i <= n; i++) {
      metadata.put("m" + i, i);
    }
    metadata.put("last", "P" + n);
    return new Event.Progress(
        header(2 * n, 100_000L * n),
        "stage " + n,
        n == 2 ? null : 25 * n,
        Map.of("own" + n, n, "stage_duration_ms", 3),
        metadata,
        n == 2 ? totals(0) : null);
  }

  /** The real end. */
  public Event.Completed completed() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("m1", 1);
    metadata.put("m2", 2);
    metadata.put("m3", 3);
    metadata.put("last", "C");
    metadata.put("result", Map.of("nested", List.of(true)));
    return new Event.Completed(
        header(11, 900_001),
        failed ? Status.FAILED : Status.SUCCESS,
        End.COMPLETED,
        failed ? "IllegalStateException" : null,
        failed ? "no \"answer\"" : null,
        failed ? null : 0.87655,
        metadata,
        900_001L,
        failed ? null : totals(2));
  }

  /** A call of a model between the second progress and the third. */
  public Event.ModelCall modelCall() {
    return new Event.ModelCall(
        header(5, 250_000),
        ROOT,
        new ModelCallValues(
            "langchain4j",
            "open_ai",
            "fake",
            "fake-1",
            true,
            40_000,
            7_000,
            new TokenCounts(12L, 5L, 3L, null, 2L),
            "STOP",
            null,
            null,
            1_234_567L,
            "USD",
            "2026-11",
            totals(1),
            Map.of("attempt", 1)));
  }

  /** Totals of which each has nulls where the one before has values. */
  private static UsageTotals totals(int n) {
    return new UsageTotals(
        n == 0 ? null : "fake-" + n,
        n,
        2 - n,
        n == 0
            ? TokenCounts.UNKNOWN
            : new TokenCounts(12L * n, 5L * n, n == 1 ? 3L : null, null, n == 2 ? 4L : null),
        n == 1 ? 1_234_567L : null,
        n == 1 ? "USD" : null);
  }

  /** A provisional end. */
  public Event.Completed end(End end, int seq, long elapsedMicros) {
    return new Event.Completed(
        header(seq, elapsedMicros),
        end == End.SHUT_DOWN ? Status.CANCELLED : Status.FAILED,
        end,
        end.errorType(),
        end.errorMessage(),
        null,
        Map.of());
  }

  /** A decision made inside the execution. */
  public Event.RoutingDecision decision(UUID id, int seq) {
    return new Event.RoutingDecision(
        header(seq, 50_000L * seq),
        id,
        "which agent?",
        "cd".repeat(32),
        "agent-api",
        0.87655,
        "fuzzy",
        0.4,
        0.3,
        87.5, // More than the column holds.
        null,
        List.of(Map.of("agent", "agent-db", "confidence", 0.2)),
        "because",
        7,
        false);
  }

  private EventHeader header(int seq, long elapsedMicros) {
    return new EventHeader(
        executionId,
        seq,
        STARTED_AT_MICROS,
        elapsedMicros * 1_000 + 999,
        "agent-router",
        Identifier.of("order 4711"),
        Identifier.of(INSTANCE),
        INSTANCE);
  }
}

package io.agentlog.postgres;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.Map;
import java.util.UUID;

/** Calls of models for a sink on a real database. */
abstract class ModelCallFixture extends SinkFixture {
  private static final long STARTED = (System.currentTimeMillis() - 3_600_000) * 1_000;

  static void prune(PostgresSink sink, long[] now) throws Exception {
    for (int i = 0; i < 12; i++) {
      now[0] += 2 * Retention.RUN_NANOS;
      sink.maintain();
    }
  }

  static UUID id(int execution) {
    return DetailFixture.execution(execution);
  }

  static EventHeader header(int execution, int seq) {
    return new EventHeader(
        id(execution),
        seq,
        STARTED,
        seq * 1_000_000L,
        "writer",
        Identifier.of(new UUID(7, 7)),
        Identifier.of(new UUID(8, 8)),
        new UUID(9, 9));
  }

  static Event started(int execution, Integer root) {
    UUID parent = root == null ? null : id(root);
    return new Event.Started(
        header(execution, 1),
        Event.Kind.AI_SERVICE,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        parent,
        parent,
        null,
        null,
        Map.of());
  }

  /** The n-th call of an execution, with 10 n tokens in, 5 out and n billionths of cost. */
  static Event call(int execution, int n, Integer root) {
    long sum = (long) n * (n + 1) / 2;
    return new Event.ModelCall(
        header(execution, 2 * n),
        root == null ? null : id(root),
        new ModelCallValues(
            "langchain4j",
            "open_ai",
            "gpt",
            n == 1 ? "gpt" : null,
            false,
            2_000,
            -1,
            new TokenCounts(10L * n, 5L, 1L, null, null),
            null,
            null,
            null,
            (long) n,
            "USD",
            "v1",
            new UsageTotals(
                "gpt", n, n, new TokenCounts(10 * sum, 5L * n, (long) n, null, null), sum, "USD"),
            Map.of()));
  }

  static Event delegated(int execution) {
    return new Event.ModelCall(
        header(execution, 2),
        null,
        new ModelCallValues(
            "langchain4j",
            null,
            "gpt",
            null,
            false,
            9_000,
            -1,
            TokenCounts.UNKNOWN,
            null,
            null,
            null,
            null,
            null,
            null,
            new UsageTotals(null, 0, 0, TokenCounts.UNKNOWN, null, null),
            Map.of("delegated", true)));
  }
}

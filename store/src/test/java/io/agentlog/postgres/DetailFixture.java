package io.agentlog.postgres;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.Identifier;
import java.util.Map;
import java.util.UUID;

/** Details of executions, each the same for the same numbers. */
final class DetailFixture {
  static final String HASH_A = "a".repeat(64);
  static final String HASH_B = "b".repeat(64);

  /** All of the details, but what a database makes itself. */
  static final String CONTENT =
      """
      SELECT (SELECT string_agg(t::text, E'\\n' ORDER BY t.id) FROM agent_prompts t)
        || (SELECT string_agg(t.sha256 || t.text || t.length || t.first_seen_at, E'\\n' ORDER BY t.sha256) FROM agent_prompt_texts t)
        || (SELECT string_agg(t::text, E'\\n' ORDER BY t.id) FROM agent_file_operations t)
        || (SELECT string_agg(t::text, E'\\n' ORDER BY t.id) FROM agent_intelligence_usage t)\
      """;

  /** An hour ago, so that no row is older than an age of a test. */
  private static final long STARTED_MICROS = (System.currentTimeMillis() - 3_600_000) * 1_000;

  private DetailFixture() {}

  static UUID execution(int n) {
    return new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n);
  }

  static UUID id(int execution, int seq) {
    return new UUID(0x019a_0000_0001_7000L, Long.MIN_VALUE | ((long) execution << 16) | seq);
  }

  static EventHeader header(int execution, int seq) {
    UUID id = execution(execution);
    return new EventHeader(
        id,
        seq,
        STARTED_MICROS + execution * 1_000_000L,
        seq * 1_000_000L,
        "writer",
        Identifier.of(new UUID(7, 7)),
        Identifier.of(new UUID(8, 8)),
        new UUID(9, 9));
  }

  static Event.Prompt prompt(int execution, int seq, String text, String instructions) {
    return new Event.Prompt(
        header(execution, seq),
        id(execution, seq),
        text,
        text == null ? null : text.length(),
        text == null ? null : HASH_A,
        instructions,
        instructions.length(),
        instructions.repeat(64).substring(0, 64),
        Map.of());
  }

  static Event.FileOperation operation(int execution, int seq) {
    return new Event.FileOperation(
        header(execution, seq),
        id(execution, seq),
        FileOperationType.EDIT,
        "/srv/app/a.txt",
        HASH_A,
        3L,
        1L,
        2L,
        null,
        "tool:edit",
        false,
        "IOException",
        "disk full",
        1_500L,
        Map.of("append", true),
        Map.of("of", "operation"));
  }

  static Event.FileHash hash(int execution, int seq) {
    return new Event.FileHash(
        header(execution, seq), id(execution, seq), HASH_A, HASH_B, 3L, Map.of("by", "hasher"));
  }

  static Event.IntelligenceUsage intelligence(int execution, int seq, boolean applied) {
    return usage(execution, seq, "document", "pgvector", 0.75, applied);
  }

  static Event.IntelligenceUsage usage(
      int execution, int seq, String kind, String source, Double confidence, boolean applied) {
    return new Event.IntelligenceUsage(
        header(execution, seq),
        id(execution, seq),
        kind,
        source,
        Identifier.of("doc-" + seq),
        "guide",
        "docs",
        "reference",
        confidence,
        null,
        "how",
        12_345L,
        1,
        applied,
        null,
        0.5,
        Map.of());
  }
}

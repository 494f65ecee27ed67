package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the instructions of executions and the knowledge that they used stand in PostgreSQL, as far
 * as the options say. Method: run {@link TraceApp} with the shipped jar, and read the tables.
 */
class TraceIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int EXECUTIONS = 11;
  private static final String RULES =
      """
      executions:
        - {method: 'io.agentlog.it.TraceApp.Ruled#answer', agent: by-rule, prompt: question,
           instructions: role}
      """;

  @TempDir Path directory;

  @Test
  void promptsAndInstructionsAreRowsHoweverTheyAreGiven() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(database, "agentlog.traceability", "true");

      for (String agent : List.of("by-path", "by-mark", "by-rule")) {
        assertThat(instructionsOf(database, agent))
            .as(agent)
            .containsExactly(TraceApp.FIRST, TraceApp.FIRST, TraceApp.SECOND);
      }
      // The start, the first instructions, not the same again, the second ones.
      assertThat(instructionsOf(database, "by-facade"))
          .containsExactly(null, TraceApp.FIRST, TraceApp.SECOND);
      assertThat(
              Rows.of(
                  database,
                  "SELECT DISTINCT user_prompt, user_prompt_length, user_prompt_hash ="
                      + " encode(sha256(user_prompt::bytea), 'hex') AS is_hash FROM agent_prompts"))
          .containsExactly(
              Map.of(
                  "user_prompt",
                  TraceApp.PROMPT,
                  "user_prompt_length",
                  TraceApp.PROMPT.length(),
                  "is_hash",
                  true));
      assertThat(Rows.count(database, "SELECT count(*) FROM agent_prompt_texts")).isEqualTo(2);
      assertThat(Rows.count(database, "SELECT count(*) FROM agent_prompts")).isEqualTo(13);
    }
  }

  @Test
  void usedKnowledgeIsARowForEachItemUpToTheLimit() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> stderr = run(database, "agentlog.traceability", "true");

      assertThat(
              Rows.of(
                  database,
                  "SELECT intelligence_type AS type, count(*)::int AS items,"
                      + " min(query_results_rank) AS first, max(query_results_rank) AS last,"
                      + " count(*) FILTER (WHERE was_applied)::int AS applied,"
                      + " max(confidence_score)::text AS best, min(collection_name) AS collection,"
                      + " min(usage_context) AS context"
                      + " FROM agent_intelligence_usage WHERE agent_name = 'searcher'"
                      + " GROUP BY intelligence_type ORDER BY intelligence_type NULLS LAST"))
          .extracting(row -> row.values().toString())
          .containsExactly(
              "[model, 1, null, null, 1, 0.5000, null, null]",
              "[pattern, 50, 1, 50, 0, 1.0000, docs, planning]",
              "[schema, 1, null, null, 1, 1.0000, null, null]",
              "[null, 2, 1, 2, 2, null, null, null]");
      assertThat(
              Rows.of(
                  database,
                  "SELECT metadata->>'intelligence_omitted' AS omitted FROM agent_execution_logs"
                      + " WHERE agent_name = 'searcher'"))
          .containsExactly(Map.of("omitted", "10"));
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_intelligence_usage WHERE intelligence_summary IS NOT"
                      + " NULL OR query_used IS NOT NULL"))
          .isZero();
      assertThat(stderr)
          .filteredOn(line -> line.contains("TraceApp.useless (@IntelligenceUsed)"))
          .hasSize(1);
      assertThat(stderr)
          .filteredOn(line -> line.contains("TraceApp.search was called outside an execution"))
          .hasSize(1);
      assertThat(stderr).anyMatch(line -> line.contains(" 2 outside an execution"));
    }
  }

  @Test
  void textsOfKnowledgeAreKeptOnRequest() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(database, "agentlog.traceability", "true", "agentlog.capture.retrieval", "full");

      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_intelligence_usage WHERE query_used = 'the question'"
                      + " AND intelligence_summary LIKE 'content of a document%'"))
          .isEqualTo(50);
    }
  }

  @Test
  void withheldPromptsWithholdInstructions() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(
          database,
          "agentlog.traceability",
          "true",
          "agentlog.capture.prompt",
          "none",
          "agentlog.capture.prompt.agents",
          "by-path:hash");

      assertThat(Rows.count(database, "SELECT count(*) FROM agent_prompt_texts")).isZero();
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(DISTINCT agent_instructions_hash) FROM agent_prompts"
                      + " WHERE agent_name = 'by-path'"
                      + " AND (metadata->>'agent_instructions_hashed')::boolean"))
          .isEqualTo(2);
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_prompts WHERE agent_name <> 'by-path'"
                      + " AND agent_instructions_hash IS NOT NULL"))
          .isZero();
    }
  }

  /** The tables are not even made. */
  @Test
  void nothingOfItIsRecordedWithoutTheOption() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(database, "agentlog.traceability", "false");

      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM information_schema.tables WHERE table_name IN"
                      + " ('agent_prompts', 'agent_intelligence_usage')"))
          .isZero();
    }
  }

  @Test
  void applicationRunsTheSameWithoutTheAgent() {
    try (AgentJvm app = AgentJvm.in(directory).withoutAgent().start(TraceApp.class)) {
      app.awaitLine("done", DEADLINE);
      app.endInput();
      app.awaitSuccess();
    }
  }

  private static List<Object> instructionsOf(Postgres database, String agent) {
    return Rows.of(
            database,
            "SELECT t.text FROM agent_prompts p LEFT JOIN agent_prompt_texts t"
                + " ON t.sha256 = p.agent_instructions_hash WHERE p.agent_name = ? ORDER BY p.id",
            agent)
        .stream()
        .map(row -> row.get("text"))
        .toList();
  }

  private List<String> run(Postgres database, String... options) throws IOException {
    Path rules = Files.writeString(directory.resolve("rules.yaml"), RULES);
    AgentJvm.Builder builder =
        AgentJvm.in(directory)
            .postgres(database)
            .service("trace")
            .property("agentlog.rules", rules);
    for (int i = 0; i < options.length; i += 2) {
      builder.property(options[i], options[i + 1]);
    }
    try (AgentJvm app = builder.start(TraceApp.class)) {
      app.awaitLine("done", DEADLINE);
      Rows.awaitEnded(database, EXECUTIONS, DEADLINE);
      app.endInput();
      app.awaitSuccess(); // Everything is delivered before the end.
      return app.stderr();
    }
  }
}

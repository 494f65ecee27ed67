package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.TraceRows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the page of an execution tells what it read, decided and changed, and on what instructions;
 * that of an agent which version of its instructions did better. Method: rows written by SQL; the
 * real server is asked over HTTP.
 */
@Timeout(120)
class TracePagesIT extends RowPages {
  private static final String PATH = "/executions/" + TraceRows.REFACTOR;

  private static final String[] TEXTS = {
    "You rename things, and you change nothing else.",
    "Rename Order.total to Order.sum",
    "how to rename a field",
    "A field and its accessors are renamed together.",
    "planning",
    "Permission denied"
  };

  private List<Map<String, Object>> steps(String path) throws Exception {
    return list(json(path + ".json").get("trace"), "steps");
  }

  @Test
  void allIsShownInOrderOfTime() throws Exception {
    MadeTables.addTrace(database);
    assertThat(steps(PATH))
        .extracting(step -> step.get("event") + " " + step.get("subject"))
        .containsExactly(
            "started refactor",
            "instructions version 2",
            "stage plan",
            "read src/main/java/shop/Order.java",
            "read src/main/java/shop/Invoice.java",
            "knowledge rename-field",
            "knowledge rename-method",
            "knowledge extract-interface",
            "stage edit",
            "edit src/main/java/shop/Order.java",
            "create docs/renamed.md",
            "read src/main/resources/secret.key",
            "write build/index.bin",
            "decision reviewer",
            "stage tool:review",
            "call reviewer",
            "delete notes.txt",
            "ended null");
    Map<String, Object> edit = steps(PATH).get(9);
    assertThat(edit.get("before")).asString().hasSize(64);
    assertThat(edit.get("after")).asString().hasSize(64);
    String page = page(PATH);
    assertThat(page)
        .contains(
            "In order of time",
            edit.get("before").toString().substring(0, 12)
                + " → "
                + edit.get("after").toString().substring(0, 12),
            "3 times",
            "no hash: too_large",
            "score 0.9312",
            "not applied",
            "href=\"/executions/" + TraceRows.REVIEWER + "\"");
  }

  @Test
  void textsAreInNoAnswerUnlessAskedFor() throws Exception {
    MadeTables.addTrace(database);
    assertThat(page(PATH) + page(PATH + ".json")).doesNotContain(TEXTS);
    showTexts();
    assertThat(page(PATH)).contains(TEXTS);
    assertThat(page(PATH + ".json")).contains(TEXTS);
  }

  @Test
  void databaseWithoutTheTablesHasNoSuchPart() throws Exception {
    MadeTables.addTrace(database);
    assertThat(page(PATH)).contains("id=\"trace\"");
    database.execute(
        "DROP TABLE agent_prompts, agent_prompt_texts, agent_file_operations,"
            + " agent_intelligence_usage CASCADE");
    assertThat(page(PATH)).doesNotContain("id=\"trace\"").contains("id=\"stages\"");
    assertThat(steps(PATH)).isEmpty();
  }

  @Test
  void tablesThatMayNotBeReadAreNamed() throws Exception {
    MadeTables.addTrace(database);
    database.execute(
        """
        DROP ROLE IF EXISTS untraced; CREATE ROLE untraced LOGIN PASSWORD 'untraced';
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO untraced; REVOKE SELECT ON agent_file_operations FROM untraced\
        """);
    try {
      readAs("untraced", "untraced");
      assertThat(page(PATH))
          .contains("GRANT SELECT ON agent_file_operations", "version 2")
          .doesNotContain("Order.java");
      database.execute("REVOKE SELECT ON agent_prompts FROM untraced");
      assertThat(page("/agents/writer"))
          .contains(
              "id=\"versions-title\"", "GRANT SELECT ON agent_file_operations, agent_prompts");
    } finally {
      database.execute("DROP OWNED BY untraced; DROP ROLE untraced");
    }
  }

  @Test
  void moreThanFitsIsCutWithANote() throws Exception {
    MadeTables.addTrace(database);
    assertThat(page(PATH)).doesNotContain("are listed; <code>");
    database.execute(
        """
        INSERT INTO agent_file_operations (id, execution_id, seq, agent_name, operation_type, file_path, success, created_at)
        SELECT gen_random_uuid(), '%s', 100 + n, 'refactor', 'read', 'f' || n, true, now() FROM generate_series(1, 3000) AS n\
        """
            .formatted(TraceRows.REFACTOR));
    assertThat(steps(PATH)).hasSize(1_000);
    assertThat(page(PATH)).contains("Only the first 1 000 are listed; <code>");
  }

  @Test
  void callsOfModelsStandAmongTheRestAndAloneMakeNoTrace() throws Exception {
    MadeTables.addTrace(database);
    database.execute(
        """
        INSERT INTO agent_model_calls (execution_id, seq, agent_name, framework, request_model, duration_us, input_tokens, output_tokens,
          cost, cost_currency, started_at, created_at, streaming)
        SELECT execution_id, 9, agent_name, 'langchain4j', 'gpt-4o', 40000, 1200, 56, 0.00356, 'USD', started_at + interval '70 ms',
          started_at + interval '110 ms', false
        FROM agent_execution_logs WHERE execution_id IN ('%s', '%s')\
        """
            .formatted(TraceRows.REFACTOR, TraceRows.REVIEWER));
    List<Map<String, Object>> steps = steps(PATH);
    assertThat(steps)
        .extracting(step -> step.get("event") + " " + step.get("subject"))
        .containsSubsequence("knowledge extract-interface", "model gpt-4o", "stage edit");
    assertThat(page(PATH)).contains("took 40 ms", "1 200 in", "56 out", "0.00356 USD");
    database.execute(
        """
        DELETE FROM agent_prompts; DELETE FROM agent_file_operations; DELETE FROM agent_intelligence_usage\
        """);
    assertThat(page(PATH)).contains("id=\"model-calls\"").doesNotContain("id=\"trace\"");
  }

  @Test
  void hostileNamesAreOnlyText() throws Exception {
    MadeTables.addTrace(database);
    String evil = "\"><script>alert(1)</script><img src=x onerror=alert(1) style=\"a\"><!--";
    database.execute(
        """
        UPDATE agent_file_operations SET operation_type = $1, file_path = $1, tool_name = $1, content_hash_after = $1,
          error_message = $1, metadata = jsonb_build_object('moved_from', $1::text, 'hash_missing', $1::text);
        UPDATE agent_prompts SET agent_instructions = $1, user_prompt_hash = $1;
        UPDATE agent_intelligence_usage SET intelligence_name = $1, collection_name = $1, query_used = $1\
        """
            .replace("$1", "'" + evil + "'"));
    showTexts();
    assertThat(page(PATH))
        .contains("&lt;script>")
        .doesNotContain("<script>", "<img")
        .doesNotContainPattern("\\sstyle=\"(?!a)");
  }

  @Test
  @SuppressWarnings("unchecked")
  void versionsOfInstructionsAreComparedOnTheAgentsPage() throws Exception {
    MadeTables.addTrace(database);
    Map<String, Object> versions =
        (Map<String, Object>) (Map<?, ?>) json("/agents/refactor.json?from=30d").get("versions");
    assertThat(list(versions, "rows"))
        .extracting(
            row -> row.get("number"),
            row -> row.get("executions"),
            row -> row.get("succeeded"),
            row -> row.get("scored"),
            row -> row.get("quality"))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(2L, 1L, 1L, 1L, new java.math.BigDecimal("0.91")),
            org.assertj.core.groups.Tuple.tuple(
                1L, 40L, 30L, 40L, new java.math.BigDecimal("0.7025")));
    assertThat(page("/agents/refactor?from=30d"))
        .contains("Versions of its instructions", "75.0 %", "0.703");
    // A window in which nothing ended has the versions all the same.
    assertThat(page("/agents/refactor?from=1m")).contains("Versions of its instructions");
    assertThat(page("/agents/nobody?from=30d")).doesNotContain("Versions of its instructions");
  }

  @Test
  void instructionsThatAlwaysDifferAreNotListedAsVersions() throws Exception {
    MadeTables.addTrace(database);
    database.execute(
        """
        INSERT INTO agent_prompts (id, agent_name, agent_instructions_hash, created_at)
        SELECT gen_random_uuid(), 'dated', md5(n::text), now() FROM generate_series(1, 1500) AS n\
        """);
    assertThat(page("/agents/dated?from=30d"))
        .contains("The agent had over 1000 different instructions");
  }
}

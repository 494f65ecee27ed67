package io.agentlog.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.TraceRows;
import io.agentlog.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: one command answers what an agent read, decided and changed, and on what instructions.
 * Method: rows of a whole trace in a real PostgreSQL, and the command in this JVM.
 */
@Timeout(120)
class ShowCommandIT extends ShowFixture {
  @Test
  void oneCommandTellsWhatWasReadDecidedAndChangedOnWhatInstructions() throws Exception {
    makeTrace();
    List<String> lines = show(TraceRows.REFACTOR);
    String order1 = short8("order 1");
    String order2 = short8("order 2");
    String instructions = short8("You rename things, and you change nothing else.");
    assertThat(lines.get(0)).startsWith("request order-4711, from 20");
    assertThat(lines.subList(1, 4))
        .containsExactly(
            "#1  " + TraceRows.REFACTOR + "  success          812.411 ms  refactor",
            "#2  " + TraceRows.REVIEWER + "  success          310.250 ms    reviewer",
            "");
    assertThat(events(lines))
        .containsExactly(
            "#1  started       refactor  prompt of 31 characters, sha256 "
                + short8("Rename Order.total to Order.sum"),
            "#1  instructions  version 2  47 characters, sha256 " + instructions,
            "#1  stage         plan 10%",
            "#1  read          src/main/java/shop/Order.java  " + order1,
            "#1  read          src/main/java/shop/Invoice.java  " + short8("invoice") + "  3 times",
            "#1  knowledge     rename-field  qdrant/code-patterns  rank 1  score 0.9312  applied",
            "#1  knowledge     rename-method  qdrant/code-patterns  rank 2  score 0.8427  applied",
            "#1  knowledge     extract-interface  qdrant/code-patterns  rank 3  score 0.5104  not"
                + " applied",
            "#1  stage         edit 40%",
            "#1  edit          src/main/java/shop/Order.java  "
                + order1
                + " -> "
                + order2
                + "  in edit",
            "#1  create        docs/renamed.md  " + short8("renamed") + "  in edit",
            "#1  read          src/main/resources/secret.key  failed",
            "#1  write         build/index.bin  no hash: too_large  in edit",
            "    decision      reviewer  confidence 0.8700",
            "#1  stage         tool:review",
            "#2    started       reviewer  prompt of 26 characters, sha256 "
                + short8("Review the change of Order"),
            "#2    instructions  version 1  19 characters, sha256 " + short8("You review changes."),
            "#2    read          src/main/java/shop/Order.java  " + order2,
            "#2    stage         judge",
            "#2    success       took 310.250 ms",
            "#1  delete        notes.txt  " + short8("notes"),
            "#1  success       took 812.411 ms  quality 0.9100");
    assertThat(lines.subList(lines.indexOf("in short"), lines.size()))
        .containsExactly(
            "in short",
            "  instructions  refactor  version 2  " + instructions,
            "                reviewer  version 1  " + short8("You review changes."),
            "  knowledge     2 of 3 items applied",
            "                rename-field",
            "                rename-method",
            "  read only     src/main/java/shop/Invoice.java  " + short8("invoice"),
            "  changed       src/main/java/shop/Order.java  " + order1 + " -> " + order2,
            "                docs/renamed.md  created  " + short8("renamed"),
            "                build/index.bin  changed, no hashes",
            "                notes.txt  deleted  " + short8("notes"),
            "  decided       reviewer  confidence 0.8700");
    assertThat(problems()).isEmpty();
    assertThat(show(REQUEST)).isEqualTo(lines);
    // The one that was called has nothing of its caller.
    assertThat(events(show(TraceRows.REVIEWER)))
        .hasSize(5)
        .first()
        .asString()
        .startsWith("started       reviewer");
  }

  @Test
  void textsAreShownOnlyWhenAskedFor() throws Exception {
    makeTrace();
    String[] texts = {
      "You rename things, and you change nothing else.",
      "Rename Order.total to Order.sum",
      "the change is small",
      "how to rename a field",
      "A field and its accessors are renamed together.",
      "planning",
      "Permission denied"
    };
    for (String json : new String[] {"", "--json"}) {
      String[] asked = json.isEmpty() ? new String[] {REQUEST} : new String[] {json, REQUEST};
      assertThat(String.join("\n", show(asked))).doesNotContain(texts);
      List<String> more = new ArrayList<>(List.of(asked));
      more.add("--texts");
      assertThat(String.join("\n", show(more.toArray(new String[0])))).contains(texts);
    }
  }

  @Test
  void programsGetTheColumnsWithWholeHashes() throws Exception {
    makeTrace();
    List<Map<String, Object>> entries = new ArrayList<>();
    for (String line : show("--json", REQUEST)) {
      entries.add(JsonReader.parse(line.getBytes(UTF_8)));
    }
    assertThat(entries).hasSize(22);
    assertThat(entries.get(0))
        .containsEntry("event", "started")
        .containsEntry("parent_execution_id", null);
    assertThat(entries.get(1))
        .containsEntry("event", "prompt")
        .containsEntry("seq", 2L)
        .containsEntry("instructions_version", 2L)
        .extractingByKey("agent_instructions_hash")
        .asString()
        .hasSize(64);
    Map<String, Object> edit =
        entries.stream()
            .filter(entry -> "edit".equals(entry.get("operation_type")))
            .findFirst()
            .orElseThrow();
    assertThat(edit)
        .containsEntry("event", "file_operation")
        .containsEntry("execution_id", TraceRows.REFACTOR)
        .containsEntry("file_path", "src/main/java/shop/Order.java")
        .containsEntry("content_changed", true)
        .containsEntry("success", true);
    assertThat(edit.get("content_hash_before")).asString().hasSize(64);
    assertThat(edit.get("content_hash_after")).asString().hasSize(64);
  }

  @Test
  void databaseWithoutTheWholeTraceIsShownAsItIs() throws Exception {
    makeTrace();
    List<String> whole = events(show(REQUEST));
    database.execute(
        "DROP TABLE agent_prompts, agent_prompt_texts, agent_file_operations,"
            + " agent_intelligence_usage");
    List<String> lines = show(REQUEST);
    assertThat(lines).doesNotContain("in short");
    assertThat(events(lines))
        .hasSize(9)
        .isSubsetOf(whole)
        .allMatch(line -> line.matches("(#\\d)? +(started|stage|decision|success) .*"));
    assertThat(problems()).isEmpty();
  }

  /**
   * The Python project's tables: no number of the event, no execution in many rows, other checks.
   */
  @Test
  void rowsOfAnotherLoggerAreShownByTheirRequest() {
    String request = "46298508-dc0d-500c-9be0-fc9a22cf8319";
    database.execute(
        """
        CREATE TABLE agent_prompts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, execution_id uuid,
          agent_name varchar(255) NOT NULL, user_prompt text NOT NULL, user_prompt_hash varchar(64) NOT NULL, user_prompt_length integer NOT NULL,
          agent_instructions text, agent_instructions_hash varchar(64), agent_instructions_length integer, created_at timestamptz DEFAULT now());
        CREATE TABLE agent_file_operations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, agent_name varchar(255) NOT NULL,
          operation_type varchar(50) NOT NULL, file_path text NOT NULL, content_hash_after varchar(64), created_at timestamptz DEFAULT now());
        CREATE TABLE agent_intelligence_usage (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), intelligence_name text);
        INSERT INTO agent_prompts (correlation_id, agent_name, user_prompt, user_prompt_hash, user_prompt_length, agent_instructions,
          agent_instructions_hash, agent_instructions_length, created_at)
        VALUES ('$R', 'coder', 'do it', '11112222', 5, 'be good', '33334444', 7, '2026-01-02 03:04:05Z');
        INSERT INTO agent_file_operations (correlation_id, agent_name, operation_type, file_path, content_hash_after, created_at)
        VALUES ('$R', 'coder', 'glob', '**/*.py', NULL, '2026-01-02 03:04:06Z'), ('$R', 'coder', 'read', 'a.py', '55556666', '2026-01-02 03:04:07Z');
        INSERT INTO agent_intelligence_usage (intelligence_name) VALUES ('of nobody');\
        """
            .replace("$R", request));
    assertThat(events(show("--texts", REQUEST)))
        .containsExactly(
            "prompt        5 characters, sha256 11112222  do it",
            "instructions  version 1  7 characters, sha256 33334444  be good",
            "glob          **/*.py",
            "read          a.py  55556666");
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at)
        VALUES ('$E', '$R', 'coder', 'in_progress', '2026-01-02 03:04:04Z')\
        """
            .replace("$R", request)
            .replace("$E", TraceRows.REFACTOR));
    assertThat(events(show(REQUEST))).hasSize(5);
    assertThat(events(show(TraceRows.REFACTOR))).containsExactly("started       coder");
  }

  @Test
  void callsOfModelsAreShownWithTokensAndCost() throws Exception {
    makeTrace();
    makeCalls();
    List<String> lines = show(TraceRows.REFACTOR);

    assertThat(lines.subList(1, 3))
        .containsExactly(
            "#1  "
                + TraceRows.REFACTOR
                + "  success          812.411 ms  refactor  2 model calls, model gpt-4o-2024, 1"
                + " tool call, 1200 tokens in, 1000 from a cache, 80 tokens out, 0.0031 USD",
            "#2  "
                + TraceRows.REVIEWER
                + "  success          310.250 ms    reviewer  1 model call");
    assertThat(events(lines))
        .contains(
            "#1  model         gpt-4o-2024  asked for gpt-4o  1000 tokens in, 900 from a cache, 50"
                + " tokens out, 7 of them reasoning  0.0025 USD  took 20.000 ms  first token after"
                + " 3.000 ms  STOP",
            "#1  model         router-model  handed on to another call  took 21.000 ms",
            "#2    model         (no name)  took 1.000 ms  TimeoutException");
    assertThat(lines)
        .contains(
            "  used          3 model calls, 1 tool call, 1200 tokens in, 80 tokens out, 0.0031"
                + " USD");
    assertThat(String.join("\n", show("--texts", REQUEST))).contains("TimeoutException: no answer");
    Map<String, Object> call =
        show("--json", REQUEST).stream()
            .map(line -> parsed(line))
            .filter(entry -> "gpt-4o-2024".equals(entry.get("response_model")))
            .findFirst()
            .orElseThrow();
    assertThat(call)
        .containsEntry("event", "model_call")
        .containsEntry("seq", 5L)
        .containsEntry("duration_us", 20_000L)
        .containsEntry("input_tokens", 1000L)
        .containsEntry("cost_currency", "USD")
        .doesNotContainKey("error_message");
    assertThat(show("--json", TraceRows.REFACTOR).stream().map(line -> parsed(line)))
        .filteredOn(entry -> "success".equals(entry.get("event")))
        .last()
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("model_calls", 2L)
        .containsEntry("input_tokens", 1200L);
  }

  @Test
  void tablesOfAnOlderAgentlogAreShownWithoutUsage() throws Exception {
    makeTrace();
    List<String> before = show(REQUEST);
    database.execute(
        "DROP VIEW v_agentlog_tree_usage; ALTER TABLE agent_execution_logs DROP COLUMN usage_seq,"
            + " DROP COLUMN model_calls, DROP COLUMN input_tokens");
    assertThat(show(REQUEST)).isEqualTo(before);
    assertThat(problems()).isEmpty();
  }

  @Test
  void hostileNamesAreHarmless() throws Exception {
    makeTrace();
    database.execute(
        """
        UPDATE agent_file_operations SET file_path = E'a\r\n[agentlog] forged\u001b[2J\u202e', tool_name = E'\u001b[31m';
        UPDATE agent_intelligence_usage SET intelligence_name = E'\u001b]0;x\u0007', collection_name = E'\n';
        UPDATE agent_prompts SET agent_instructions_hash = E'\n[age'\
        """);
    for (String line : show("--texts", REQUEST)) {
      assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 127);
      assertThat(line).doesNotStartWith("[agentlog]");
    }
  }

  @Test
  void moreThanCanBeShownIsCutWithAWarning() throws Exception {
    makeTrace();
    database.execute(
        """
        INSERT INTO agent_file_operations (id, execution_id, seq, agent_name, operation_type, file_path, success, created_at)
        SELECT gen_random_uuid(), '%s', 100 + n, 'reviewer', 'read', 'f' || n, true, now() FROM generate_series(1, 11000) AS n\
        """
            .formatted(TraceRows.REVIEWER));
    List<String> lines = show(TraceRows.REFACTOR);
    assertThat(events(lines)).hasSize(10_000).last().asString().endsWith(" f9978");
    assertThat(lines).last().asString().contains("decided");
    assertThat(lines).contains("                and 9959 more");
    assertThat(log.lines().toString()).contains("only the first 10000 entries are shown");
  }

  @Test
  void tablesThatTheUserMayNotReadAreNamed() throws Exception {
    makeTrace();
    String user = "show_" + ProcessHandle.current().pid();
    database.execute(
        "CREATE USER $U PASSWORD 'p'; GRANT SELECT ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_prompts, agent_prompt_texts TO $U"
            .replace("$U", user));
    try {
      int status =
          CommandLine.main(
              new String[] {
                "show",
                REQUEST,
                "-o=postgres.url=" + database.jdbcUrl(),
                "-o=postgres.user=" + user,
                "-o=postgres.password=p"
              });
      assertThat(status).as(log.lines().toString()).isZero();
      assertThat(out.toString(UTF_8))
          .contains("instructions  version 2")
          .doesNotContain("Order.java");
      assertThat(log.lines().toString())
          .contains("GRANT SELECT ON agent_file_operations, agent_intelligence_usage");
    } finally {
      database.execute("DROP OWNED BY $U; DROP USER $U".replace("$U", user));
    }
  }
}

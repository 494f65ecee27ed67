package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: tokens and cost stand on the pages of an execution, a request and what runs, each once, and
 * what is unknown is not 0. Method: rows written by SQL; the real server is asked over HTTP.
 */
@Timeout(120)
class UsagePagesIT extends RowPages {
  private static final String DESK = "/executions/019b7cde-0a63-7b41-9d52-00000000e001";
  private static final String ASSISTANT = "/executions/019b7cde-0a63-7b41-9d52-00000000e002";
  private static final String SUMMARIZER = "/executions/019b7cde-0a63-7b41-9d52-00000000e003";
  private static final String RESEARCHER = "/executions/019b7cde-0a63-7b41-9d52-00000000e004";
  private static final String THEIR_REQUEST = "/requests/b7ef9b42-4a1f-5e27-8c5f-3f0f8d7b2a11";

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> json, String... keys) {
    Map<String, Object> found = json;
    for (String key : keys) {
      found = (Map<String, Object>) found.get(key);
    }
    return found;
  }

  private List<Map<String, Object>> calls(String path) throws Exception {
    return list(json(path + ".json").get("model_calls"), "rows");
  }

  @Test
  void executionShowsItsOwnTokensAndThoseOfItsTreeApart() throws Exception {
    MadeTables.addUsage(database);
    Map<String, Object> json = json(ASSISTANT + ".json");
    assertThat(map(json, "execution", "usage"))
        .containsEntry("model", "gpt-4o-2024-08-06")
        .containsEntry("model_calls", 3L)
        .containsEntry("tool_calls", 2L)
        .containsEntry("input_tokens", 6120L)
        .containsEntry("output_tokens", 412L)
        .containsEntry("cache_read_tokens", 4096L)
        .containsEntry("cache_write_tokens", null)
        .containsEntry("reasoning_tokens", 64L)
        .containsEntry("cost", new BigDecimal("0.014187500"))
        .containsEntry("currency", "USD");
    assertThat(map(json, "tree")).containsEntry("executions", 3L);
    assertThat(map(json, "tree", "usage"))
        .containsEntry("model_calls", 6L)
        .containsEntry("input_tokens", 6120L + 890 + 12_450)
        .containsEntry("cost", new BigDecimal("0.033037500"));
    assertThat(page(ASSISTANT))
        .contains("6 532", "6 120 in (4 096 cached), 412 out (64 reasoning)", "0.0142")
        .contains("20 249 with the 2 it called", "0.0330 USD with the 2 it called");
  }

  @Test
  void executionThatCallsNoModelItselfShowsWhatItsTreeUsed() throws Exception {
    MadeTables.addUsage(database);
    assertThat(map(json(DESK + ".json"), "execution", "usage"))
        .allSatisfy((key, value) -> assertThat(value).as(key).isNull());
    assertThat(page(DESK))
        .contains("no model was called", "20 249 with the 3 it called", "0.0330 USD with the 3")
        .doesNotContain("id=\"model-calls\"");
  }

  @Test
  void eachCallIsListedWithItsModelAndItsTimes() throws Exception {
    MadeTables.addUsage(database);
    assertThat(calls(ASSISTANT))
        .extracting(
            call -> call.get("response_model"),
            call -> call.get("duration_micros"),
            call -> call.get("first_token_micros"),
            call -> call.get("streaming"),
            call -> map(call, "usage").get("input_tokens"),
            call -> map(call, "usage").get("cost"),
            call -> call.get("price_version"),
            call -> call.get("finish_reason"))
        .containsExactly(
            tuple(
                "gpt-4o-2024-08-06",
                1_470_000L,
                null,
                false,
                1850L,
                new BigDecimal("0.005105000"),
                "2026-11",
                "TOOL_EXECUTION"),
            tuple(
                "gpt-4o-2024-08-06",
                118_000L,
                null,
                false,
                2010L,
                new BigDecimal("0.003145000"),
                "2026-11",
                "TOOL_EXECUTION"),
            tuple(
                "gpt-4o-2024-08-06",
                1_330_000L,
                241_000L,
                true,
                2260L,
                new BigDecimal("0.005937500"),
                "2026-11",
                "STOP"));
    assertThat(page(ASSISTANT))
        .contains(
            "openai, langchain4j, streamed, asked for gpt-4o",
            "2 176 cached",
            "64 reasoning",
            "prices 2026-11");
  }

  @Test
  void callThatFailedAndOneThatHandedOnAreTold() throws Exception {
    MadeTables.addUsage(database);
    assertThat(calls(RESEARCHER))
        .extracting(
            call -> call.get("error_type"),
            call -> call.get("delegated"),
            call -> map(call, "usage").get("input_tokens"))
        .containsExactly(
            tuple(null, false, 12_450L),
            tuple("RateLimitException", false, null),
            tuple("RateLimitException", true, null));
    assertThat(page(RESEARCHER))
        .contains("delegated</span>", "RateLimitException", "2 000 to cache")
        .doesNotContain("org-4711");
    assertThat(page(RESEARCHER + ".json")).doesNotContain("org-4711");
    showTexts();
    assertThat(page(RESEARCHER)).contains("Rate limit reached for org-4711");
  }

  @Test
  void unknownPriceIsNoCostOfZero() throws Exception {
    MadeTables.addUsage(database);
    assertThat(page(SUMMARIZER))
        .contains("no price of the model is known")
        .doesNotContain("0 USD", "0.00");
    assertThat(map(json(SUMMARIZER + ".json"), "execution", "usage"))
        .containsEntry("cost", null)
        .containsEntry("currency", null);
    assertThat(page(THEIR_REQUEST)).contains("without one execution of unknown price");
  }

  @Test
  void requestSumsUpItsExecutionsOnce() throws Exception {
    MadeTables.addUsage(database);
    Map<String, Object> json = json(THEIR_REQUEST + ".json");
    assertThat(map(json, "usage"))
        .containsEntry("model_calls", 6L)
        .containsEntry("tool_calls", 3L)
        .containsEntry("input_tokens", 19_460L)
        .containsEntry("output_tokens", 789L)
        .containsEntry("cost", new BigDecimal("0.033037500"))
        .containsEntry("currency", "USD");
    assertThat(list(json, "lanes"))
        .extracting(lane -> lane.get("agent"), lane -> map(lane, "usage").get("input_tokens"))
        .containsExactly(
            tuple("desk", null),
            tuple("assistant", 6120L),
            tuple("summarizer", 890L),
            tuple("researcher", 12_450L));
    assertThat(page(THEIR_REQUEST)).contains("20 249", "tokens, cost", "12 750");
  }

  @Test
  void costsOfSeveralCurrenciesAreNotAddedUp() throws Exception {
    MadeTables.addUsage(database);
    database.execute(
        "UPDATE agent_execution_logs SET cost_currency = 'EUR' WHERE agent_name = 'researcher'");
    assertThat(map(json(THEIR_REQUEST + ".json"), "usage"))
        .containsEntry("cost", null)
        .containsEntry("currency", "several");
    assertThat(page(THEIR_REQUEST)).contains("of several currencies");
    assertThat(page(ASSISTANT)).contains("0.0142", "several currencies with the 2 it called");
  }

  @Test
  void whatRunsShowsWhatItHasUsedSoFar() throws Exception {
    MadeTables.addUsage(database);
    Map<String, Object> live = json("/live.json");
    assertThat(list(live, "running"))
        .extracting(run -> map(run, "usage").get("model_calls"))
        .containsExactly(1L);
    assertThat(list(live, "ended"))
        .extracting(run -> map(run, "usage").get("currency"))
        .containsExactly("USD");
    assertThat(page("/")).contains("Tokens so far", "2 590", "0.00715 USD");
  }

  @Test
  void tablesOfAnOlderAgentHaveNoSuchColumns() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, seen)
        VALUES ('%s', '%s', 'old', 'success', now() - interval '1 s', now(), 7), ('%s', '%2$s', 'old', 'in_progress', now(), NULL, 3)\
        """
            .formatted(id(1), REQUEST, id(2)));
    database.execute(
        """
        ALTER TABLE agent_execution_logs DROP COLUMN IF EXISTS root_execution_id CASCADE, DROP COLUMN IF EXISTS model CASCADE,
          DROP COLUMN IF EXISTS model_calls CASCADE, DROP COLUMN IF EXISTS tool_calls CASCADE, DROP COLUMN IF EXISTS input_tokens CASCADE,
          DROP COLUMN IF EXISTS output_tokens CASCADE, DROP COLUMN IF EXISTS cache_read_tokens CASCADE,
          DROP COLUMN IF EXISTS cache_write_tokens CASCADE, DROP COLUMN IF EXISTS reasoning_tokens CASCADE,
          DROP COLUMN IF EXISTS cost CASCADE, DROP COLUMN IF EXISTS cost_currency CASCADE\
        """);
    for (String path : List.of("/executions/" + id(1), "/requests/" + REQUEST, "/")) {
      assertThat(page(path)).contains("old").doesNotContain("Tokens", "tokens", "Cost", "cost");
    }
  }

  @Test
  void callsThatCantBeReadAreSaid() throws Exception {
    MadeTables.addUsage(database);
    database.execute(
        """
        DROP ROLE IF EXISTS uncalled; CREATE ROLE uncalled LOGIN PASSWORD 'uncalled';
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO uncalled; REVOKE SELECT ON agent_model_calls FROM uncalled\
        """);
    try {
      readAs("uncalled", "uncalled");
      assertThat(page(ASSISTANT)).contains("6 120 in", "GRANT SELECT ON agent_model_calls");
      assertThat(page(DESK)).doesNotContain("GRANT");
    } finally {
      database.execute("DROP OWNED BY uncalled; DROP ROLE uncalled");
    }
  }

  @Test
  void countedCallsOfADatabaseWithoutTheirTableAreSaid() throws Exception {
    MadeTables.addUsage(database);
    database.execute("DROP TABLE agent_model_calls CASCADE");
    assertThat(page(ASSISTANT)).contains("6 120 in", "agent_model_calls is missing");
    assertThat(page(DESK)).doesNotContain("agent_model_calls");
  }

  @Test
  void moreCallsThanFitAreCutWithANote() throws Exception {
    MadeTables.addUsage(database);
    database.execute(
        """
        INSERT INTO agent_model_calls (execution_id, seq, framework, input_tokens, streaming)
        SELECT '019b7cde-0a63-7b41-9d52-00000000e002', n, 'x', n, false FROM generate_series(100, 2000) AS n\
        """);
    assertThat(calls(ASSISTANT)).hasSize(1_000);
    assertThat(page(ASSISTANT)).contains("Only the first 1 000 calls are listed");
  }

  @Test
  void absurdNumbersAndHostileNamesTakeNoPageAway() throws Exception {
    MadeTables.addUsage(database);
    String evil = "\"><script>alert(1)</script><img src=x onerror=alert(1) style=\"a\"><!--";
    database.execute(
        """
        UPDATE agent_execution_logs SET model = $1 || repeat('m', 20000), input_tokens = 9223372036854775807, output_tokens = -5,
          cost = 'NaN' WHERE agent_name = 'assistant';
        UPDATE agent_execution_logs SET input_tokens = 9223372036854775807 WHERE agent_name = 'researcher';
        UPDATE agent_model_calls SET response_model = $1, request_model = $1 || 'x', framework = $1, provider = $1, finish_reason = $1,
          error_type = NULL, price_version = $1, cost = 999999999.999999999, input_tokens = 9223372036854775807, first_token_us = -1\
        """
            .replace("$1", "'" + evil + "'"));
    for (String path : List.of(ASSISTANT, RESEARCHER, DESK, THEIR_REQUEST, "/")) {
      assertThat(page(path)).doesNotContain("<script>", "<img").doesNotContain("m".repeat(400));
      assertThat(json(path.equals("/") ? "/live.json" : path + ".json")).isNotEmpty();
    }
    assertThat(page(ASSISTANT)).contains("&lt;script", "1 000 000 000.00 USD");
  }
}
